// What is written on each step of the drawing, made once per step: of a flow of thousands of steps a change of one makes one anew.

import { useMemo } from "react";
import type { Designer } from "./context";
import { exitsOf } from "./graph";
import { exitWords, titleOf } from "./labels";
import { type Exit, isOpen, type Step } from "./types";

export interface Drawn {
  words: string;
  icon: string;
  title: string;
  note: string;
  exits: (Exit & { words: string; open: boolean })[];
  ends: boolean;
}

/** (name, step) -> what is written on it. Steps are never changed in place, so one that is the same object says the same. */
export function useDrawn({ types, naming }: Pick<Designer, "types" | "naming">): (name: string, step: Step) => Drawn {
  return useMemo(() => {
    const made = new WeakMap<Step, Drawn>();
    return (name, step) => {
      const known = made.get(step);
      if (known) return known;
      const type = types[step.type];
      const fresh = {
        words: type?.words ?? step.type,
        icon: type?.icon ?? "alert-circle",
        title: titleOf(step, type, naming, name),
        note: String(step.note ?? ""),
        exits: exitsOf(step, type).map((exit) => ({ ...exit, words: exitWords(step, type, exit.name, naming), open: isOpen(exit) })),
        ends: type?.ends ?? false,
      };
      made.set(step, fresh);
      return fresh;
    };
  }, [types, naming]);
}
