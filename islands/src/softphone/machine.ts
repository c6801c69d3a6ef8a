// The agent's softphone as a pure state machine: what it knows, what it hears, what is to be done. No browser in here.

import type { FromSwitch, IceServer, ToSwitch } from "./messages";

/** The microphone: not asked yet, being asked, usable, or why not. */
export type Microphone = "unknown" | "asking" | "ok" | "denied" | "missing" | "busy" | "insecure" | "unplugged";

export type LegPhase = "connecting" | "up" | "failed";

export interface Leg {
  readonly call: string;
  readonly codec: string;
  readonly ice?: IceServer[] | undefined;
  readonly phase: LegPhase;
}

export interface PhoneState {
  /** Drawn once per browser tab; survives a reload. */
  readonly tab: string;
  /** Whether this page is the one that holds the telephone. */
  readonly holder: boolean;
  readonly line: boolean;
  readonly microphone: Microphone;
  readonly muted: boolean;
  readonly legs: Readonly<Record<string, Leg>>;
  /** Asked to connect before the microphone was there. */
  readonly pending: Readonly<Record<string, Leg>>;
}

export type Input =
  | { type: "line"; up: boolean }
  | { type: "held" }
  | { type: "taken" }
  | { type: "microphone"; state: Microphone }
  | { type: "message"; message: FromSwitch }
  | { type: "offered"; leg: string; sdp: string }
  | { type: "broken"; leg: string; reason: string }
  | { type: "media"; leg: string; state: string }
  | { type: "mute"; on: boolean }
  | { type: "key"; key: string };

export type Effect =
  | { type: "send"; message: ToSwitch }
  | { type: "ask-microphone" }
  | { type: "connect"; leg: string; codec: string; ice?: IceServer[] | undefined }
  | { type: "answer"; leg: string; sdp: string }
  | { type: "close"; leg: string }
  | { type: "mute"; on: boolean };

export function begin(tab: string): PhoneState {
  return { tab, holder: false, line: false, microphone: "unknown", muted: false, legs: {}, pending: {} };
}

const UNUSABLE: readonly Microphone[] = ["denied", "missing", "busy", "insecure", "unplugged"];

function register(state: PhoneState): Effect[] {
  if (!state.line) return [];
  // A page that lost the telephone but still has live legs registers too: they are its own.
  if (!state.holder && !Object.keys(state.legs).length) return [];
  return [{ type: "send", message: { type: "register", tab: state.tab, legs: Object.keys(state.legs), softphone: state.holder } }];
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  const { [key]: _gone, ...rest } = record;
  return rest;
}

/** What this input makes of the state, and what is to be done. */
export function step(state: PhoneState, input: Input): [PhoneState, Effect[]] {
  switch (input.type) {
    case "line": {
      const next = { ...state, line: input.up };
      return [next, input.up ? register(next) : []];
    }
    case "held": {
      const next = { ...state, holder: true };
      const ask: Effect[] = state.microphone === "unknown" ? [{ type: "ask-microphone" }] : [];
      return [next, [...ask, ...register(next)]];
    }
    case "taken":
      return [{ ...state, holder: false }, []];
    case "microphone":
      return microphone(state, input.state);
    case "message":
      return heard(state, input.message);
    case "offered":
      if (!state.legs[input.leg]) return [state, []];
      return [state, [{ type: "send", message: { type: "offer", leg: input.leg, sdp: input.sdp } }]];
    case "broken": {
      if (!state.legs[input.leg]) return [state, []];
      const next = { ...state, legs: without(state.legs, input.leg) };
      return [
        next,
        [
          { type: "close", leg: input.leg },
          { type: "send", message: { type: "decline", leg: input.leg, reason: input.reason } },
        ],
      ];
    }
    case "media": {
      const leg = state.legs[input.leg];
      if (!leg) return [state, []];
      const phase: LegPhase = input.state === "connected" ? "up" : input.state === "failed" ? "failed" : leg.phase;
      return [{ ...state, legs: { ...state.legs, [input.leg]: { ...leg, phase } } }, []];
    }
    case "mute":
      return [{ ...state, muted: input.on }, [{ type: "mute", on: input.on }]];
    case "key":
      return [
        state,
        Object.entries(state.legs)
          .filter(([, leg]) => leg.phase === "up")
          .map(([leg]) => ({ type: "send", message: { type: "key", leg, key: input.key } })),
      ];
  }
}

function microphone(state: PhoneState, now: Microphone): [PhoneState, Effect[]] {
  const next = { ...state, microphone: now };
  const waiting = Object.entries(state.pending);
  if (now === "ok") {
    return [
      { ...next, pending: {}, legs: { ...state.legs, ...state.pending } },
      waiting.map(([leg, { codec, ice }]) => ({ type: "connect", leg, codec, ice })),
    ];
  }
  if (UNUSABLE.includes(now)) {
    return [{ ...next, pending: {} }, waiting.map(([leg]) => ({ type: "send", message: { type: "decline", leg, reason: "microphone" } }))];
  }
  return [next, []];
}

function heard(state: PhoneState, message: FromSwitch): [PhoneState, Effect[]] {
  switch (message.type) {
    case "register_again":
      return [state, register(state)];
    case "replaced":
      return [{ ...state, holder: false }, []];
    case "connect": {
      const leg: Leg = { call: message.call, codec: message.codec, ice: message.ice, phase: "connecting" };
      // A fresh talk begins unmuted; a reconnected one stays as it was.
      const fresh = !Object.values(state.legs).some((one) => one.call === message.call);
      const muted = fresh && !Object.keys(state.legs).length ? false : state.muted;
      const close: Effect[] = state.legs[message.leg] ? [{ type: "close", leg: message.leg }] : [];
      if (state.microphone === "ok") {
        return [
          { ...state, muted, legs: { ...state.legs, [message.leg]: leg } },
          [...close, { type: "connect", leg: message.leg, codec: message.codec, ice: message.ice }, { type: "mute", on: muted }],
        ];
      }
      if (UNUSABLE.includes(state.microphone)) {
        return [
          { ...state, legs: without(state.legs, message.leg) },
          [...close, { type: "send", message: { type: "decline", leg: message.leg, reason: "microphone" } }],
        ];
      }
      const ask: Effect[] = state.microphone === "unknown" ? [{ type: "ask-microphone" }] : [];
      return [{ ...state, muted, pending: { ...state.pending, [message.leg]: leg } }, [...close, ...ask]];
    }
    case "answer":
      return state.legs[message.leg] ? [state, [{ type: "answer", leg: message.leg, sdp: message.sdp }]] : [state, []];
    case "drop": {
      if (!state.legs[message.leg] && !state.pending[message.leg]) return [state, []];
      const next = { ...state, legs: without(state.legs, message.leg), pending: without(state.pending, message.leg) };
      return [Object.keys(next.legs).length ? next : { ...next, muted: false }, [{ type: "close", leg: message.leg }]];
    }
    default:
      return [state, []];
  }
}

/** What the agent is told about the telephone. `lost` and `poor` concern a call that is up. */
export type Standing = "ok" | "asking" | "elsewhere" | "lost" | Exclude<Microphone, "unknown" | "ok" | "asking">;

export function standing(state: PhoneState): Standing {
  if (!state.holder) return Object.keys(state.legs).length ? "ok" : "elsewhere";
  if (state.microphone === "unknown" || state.microphone === "asking") return "asking";
  if (state.microphone !== "ok") return state.microphone;
  return Object.values(state.legs).some((leg) => leg.phase === "failed") ? "lost" : "ok";
}
