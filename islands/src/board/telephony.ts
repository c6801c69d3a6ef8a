// Trunks and recordings as they stand. The same rules as cordboard/channels/voice/reduce.py. Pure.

import { fill, type Words } from "./cells";

export interface NodeState {
  up: boolean;
  reason: string;
  since: number;
}

export interface Trunk {
  id: number;
  code: string;
  name: string;
  /** By the name of the node that tells. */
  nodes: Record<string, NodeState>;
}

export interface Telephony {
  since: number;
  trunks: Record<string, Trunk>;
  /** Recordings that run, each with its interaction. */
  running: Record<string, number>;
  failed: Record<string, boolean>;
}

type Body = Record<string, unknown>;

/** Whether only reading afresh tells what came of this event. */
export function staleTelephony(values: Telephony, kind: string, body: Body): boolean {
  return kind === "voice.trunk_changed" || (kind === "voice.trunk_state" && !(String(body.trunk) in values.trunks));
}

/** Take one event, recorded at `at` (seconds since 1970), in place. */
export function applyTelephony(values: Telephony, kind: string, body: Body, at: number): void {
  switch (kind) {
    case "voice.trunk_state": {
      const trunk = values.trunks[String(body.trunk)];
      if (!trunk) return;
      const known = trunk.nodes[String(body.node)];
      const up = Boolean(body.up);
      trunk.nodes[String(body.node)] = { up, reason: String(body.reason), since: known && known.up === up ? known.since : at };
      return;
    }
    case "voice.recording_started":
      values.running[String(body.recording)] = Number(body.interaction);
      return;
    case "voice.recording_ended":
      delete values.running[String(body.recording)];
      if (body.error) values.failed[String(body.recording)] = true;
      return;
    case "voice.call_ended":
      for (const [recording, interaction] of Object.entries(values.running))
        if (interaction === body.interaction) delete values.running[recording];
  }
}

/** A trunk that several nodes tell of is up while one of them can use it; one of which nobody has told is not. */
export function isUp(trunk: Trunk): boolean {
  return Object.values(trunk.nodes).some((node) => node.up);
}

export interface Signs {
  trunks: string;
  down: boolean;
  running: string;
  failed: string;
}

/** What the board's heading says of it; `failed` is empty while nothing failed. */
export function signs(values: Telephony, words: Words): Signs {
  const all = Object.values(values.trunks);
  const lost = all.filter((trunk) => !isUp(trunk)).map((trunk) => trunk.name);
  const failed = Object.keys(values.failed).length;
  return {
    trunks: !all.length
      ? fill(words, "no_trunks")
      : lost.length
        ? fill(words, "trunks_down", { names: lost.join(", ") })
        : fill(words, "trunks_up", { n: all.length }),
    down: lost.length > 0,
    running: fill(words, "recordings", { n: Object.keys(values.running).length }),
    failed: failed ? fill(words, "recordings_failed", { n: failed }) : "",
  };
}
