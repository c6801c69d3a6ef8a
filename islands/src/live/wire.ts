// What goes over /live. The catalogue is cordboard/events/wire.py; these are the same names.

export interface LiveEvent {
  id: number | string;
  kind: string;
  version: number;
  at: string;
  actor: string;
  topics: string[];
  body: Record<string, unknown>;
}

export type Values = Record<string, unknown>;

export type ToPage =
  | { type: "welcome"; page: string; user: number | null; topics: string[] }
  | { type: "subscribed"; topics: string[]; refused: string[]; values: Record<string, Values>; cursor: string }
  | { type: "events"; events: LiveEvent[]; cursor: string }
  | { type: "reload"; reason: string; topics: string[]; cursor: string }
  | { type: "softphone"; message: Record<string, unknown> }
  | { type: "error"; reason: string }
  | { type: "beat" }
  | { type: "pong"; n: number };

export type FromPage =
  | { type: "subscribe"; topics: string[]; cursor?: string }
  | { type: "unsubscribe"; topics: string[] }
  | { type: "presence" }
  | { type: "softphone"; message: Record<string, unknown> }
  | { type: "ping"; n: number };

export const SIGNED_OUT = 4401;
export const ACCESS_CHANGED = 4403;
export const SLOW = 4408;
export const BAD = 4400;

/** Milliseconds between two heartbeats unasked. The server asks more often; its grace is ten seconds. */
export const PRESENCE_EVERY = 5000;
/** Nothing heard for so long after a ping: the line is dead, whatever the browser thinks. */
export const SILENCE = 15000;
/** A reconnect waits up to so long, at random, so that a restarted front is not trampled; the first try is sooner, for the blink of a network. */
export const RECONNECT_SPREAD = 5000;
export const FIRST_SPREAD = 2000;

/** A frame of the server's, or null when it is none that we know: a newer server may say more than we understand. */
export function decode(text: string): ToPage | null {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof data !== "object" || data === null) return null;
  const type = (data as { type?: unknown }).type;
  switch (type) {
    case "welcome":
    case "subscribed":
    case "events":
    case "reload":
    case "softphone":
    case "error":
    case "beat":
    case "pong":
      return data as ToPage;
    default:
      return null;
  }
}
