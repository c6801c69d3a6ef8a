// The caller's page as a pure state machine: one call at a time, placed by a button.

import type { FromSwitch, IceServer, ToSwitch } from "./messages";

export type GuestPhase = "idle" | "asking" | "connecting" | "ringing" | "up" | "ended" | "busy" | "lost" | "microphone";

export interface GuestState {
  readonly phase: GuestPhase;
  readonly tab: string;
  /** The name that the switch gave to our leg; "" before. */
  readonly leg: string;
  readonly keys: string;
  readonly line: boolean;
  /** An offer that waits for the line. */
  readonly waiting: string;
  readonly to: string;
  /** Why the microphone cannot be used, when phase is "microphone". */
  readonly problem: string;
}

export type GuestInput =
  | { type: "line"; up: boolean }
  | { type: "call" }
  | { type: "microphone"; ok: boolean; problem: string }
  | { type: "offered"; sdp: string }
  | { type: "broken" }
  | { type: "media"; state: string }
  | { type: "message"; message: FromSwitch }
  | { type: "key"; key: string }
  | { type: "hang-up" };

export type GuestEffect =
  | { type: "send"; message: ToSwitch }
  | { type: "ask-microphone" }
  | { type: "connect"; codec: string; ice?: IceServer[] | undefined }
  | { type: "answer"; sdp: string }
  | { type: "close" }
  | { type: "ringback"; on: boolean };

export function beginGuest(tab: string, to: string): GuestState {
  return { phase: "idle", tab, leg: "", keys: "", line: false, waiting: "", to, problem: "" };
}

/** Whether there is a call, in whatever state of coming up. */
export function inCall(state: GuestState): boolean {
  return ["asking", "connecting", "ringing", "up"].includes(state.phase);
}

function over(state: GuestState, phase: GuestPhase): [GuestState, GuestEffect[]] {
  return [{ ...state, phase, leg: "", keys: "", waiting: "" }, [{ type: "ringback", on: false }, { type: "close" }]];
}

export function stepGuest(state: GuestState, input: GuestInput): [GuestState, GuestEffect[]] {
  switch (input.type) {
    case "call":
      if (inCall(state)) return [state, []];
      return [{ ...state, phase: "asking", keys: "", leg: "", problem: "", waiting: "" }, [{ type: "ask-microphone" }]];
    case "microphone":
      if (state.phase !== "asking") return [state, []];
      if (!input.ok) return [{ ...state, phase: "microphone", problem: input.problem }, []];
      return [{ ...state, phase: "connecting" }, [{ type: "connect", codec: "opus" }]];
    case "offered": {
      if (!inCall(state)) return [state, []];
      const message: ToSwitch = state.leg
        ? { type: "offer", leg: state.leg, sdp: input.sdp }
        : { type: "invite", sdp: input.sdp, to: state.to };
      if (!state.line) return [{ ...state, waiting: input.sdp }, []];
      return [{ ...state, waiting: "" }, [{ type: "send", message }]];
    }
    case "line": {
      const next = { ...state, line: input.up };
      if (!input.up) return [next, []];
      if (state.waiting) return stepGuest({ ...next, waiting: "" }, { type: "offered", sdp: state.waiting });
      return state.leg ? [next, [{ type: "send", message: { type: "register", tab: state.tab, legs: [state.leg] } }]] : [next, []];
    }
    case "broken":
      return inCall(state) ? over(state, "lost") : [state, []];
    case "media":
      // "failed" is told to the switch, which asks for a new connection; the call is not over by it.
      return [state, []];
    case "key":
      if (!state.leg || !inCall(state)) return [state, []];
      return [
        { ...state, keys: (state.keys + input.key).slice(-24) },
        [{ type: "send", message: { type: "key", leg: state.leg, key: input.key } }],
      ];
    case "hang-up": {
      if (!inCall(state)) return [state, []];
      const [next, effects] = over(state, "ended");
      return state.leg ? [next, [{ type: "send", message: { type: "hang_up", leg: state.leg } }, ...effects]] : [next, effects];
    }
    case "message":
      return heard(state, input.message);
  }
}

function heard(state: GuestState, message: FromSwitch): [GuestState, GuestEffect[]] {
  switch (message.type) {
    case "register_again":
      return state.leg ? [state, [{ type: "send", message: { type: "register", tab: state.tab, legs: [state.leg] } }]] : [state, []];
    case "placed":
      // Hung up before the switch answered: it is told now that the leg has a name.
      if (!inCall(state)) return [state, [{ type: "send", message: { type: "hang_up", leg: message.leg } }]];
      return [{ ...state, leg: message.leg }, []];
    case "ringing":
      return state.leg === message.leg ? [{ ...state, phase: "ringing" }, [{ type: "ringback", on: true }]] : [state, []];
    case "answer":
      if (state.leg !== message.leg) return [state, []];
      return [
        { ...state, phase: "up" },
        [
          { type: "ringback", on: false },
          { type: "answer", sdp: message.sdp },
        ],
      ];
    case "connect":
      return state.leg === message.leg
        ? [state, [{ type: "close" }, { type: "connect", codec: message.codec, ice: message.ice }]]
        : [state, []];
    case "drop":
      if (state.leg !== message.leg) return [state, []];
      return over(
        state,
        message.cause === "busy" ? "busy" : message.cause === "media_lost" || message.cause === "failed" ? "lost" : "ended",
      );
    case "refused":
      return inCall(state) ? over(state, message.cause === "busy" || message.cause === "rejected" ? "busy" : "lost") : [state, []];
    default:
      return [state, []];
  }
}
