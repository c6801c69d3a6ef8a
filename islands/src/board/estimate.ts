// The wait that a new contact has to expect: the same formula as cordboard/routing/estimate.py, where its sources stand. Pure.

/** Handling times of a queue: mean seconds, and how many contacts it is drawn from. */
export type Handling = readonly [mean: number, calls: number];

/** Whole minutes. */
export interface Band {
  low: number;
  high: number;
}

const [LOW, HIGH] = [-1.2816, 1.2816];
const USUAL: Handling = [300, 0];
const USUAL_WEIGHT = 5;
/** Beyond it no figure is told. */
export const LONGEST_MINUTES = 60;

function gamma(shape: number, z: number): number {
  const part = 1 / (9 * shape);
  return shape * Math.max(0, 1 - part + z * Math.sqrt(part)) ** 3;
}

/** The wait of the contact at `place` (1: the next), with `agents` at work of whom `free` are free; null when nobody is at work. */
export function band(place: number, agents: number, free: number, times: Handling = USUAL): Band | null {
  if (agents <= 0) return null;
  const ahead = place - free;
  if (ahead <= 0) return { low: 0, high: 0 };
  const pace = agents / times[0];
  const doubt = 1 / Math.sqrt(times[1] + USUAL_WEIGHT);
  const low = (gamma(ahead, LOW) / pace) * (1 - doubt);
  const high = (gamma(ahead, HIGH) / pace) * (1 + doubt);
  return { low: Math.floor(Math.max(0, low) / 60), high: Math.ceil(high / 60) };
}
