// Undo and redo: what a thing was like before and after. Changes of one kind in a row (typing in one field) are one step back.

export interface History<T> {
  past: T[];
  now: T;
  future: T[];
  /** What the last change was, so that more of the same joins it. "" joins nothing. */
  kind: string;
}

const MOST = 200;

export const begin = <T>(now: T): History<T> => ({ past: [], now, future: [], kind: "" });

export function change<T>(history: History<T>, now: T, kind = ""): History<T> {
  if (now === history.now) return history;
  if (kind && kind === history.kind && history.past.length) return { ...history, now, future: [] };
  return { past: [...history.past, history.now].slice(-MOST), now, future: [], kind };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], kind: "" };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future, kind: "" };
}

/** A pause: what comes next is a change of its own. */
export const settle = <T>(history: History<T>): History<T> => (history.kind ? { ...history, kind: "" } : history);
