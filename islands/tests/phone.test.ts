import { describe, expect, it } from "vitest";
import { begin, type Effect, type Input, type PhoneState, standing, step } from "../src/softphone/machine";
import { fromSwitch, isPoor } from "../src/softphone/messages";
import { preferring } from "../src/softphone/peer";

function run(inputs: Input[], state: PhoneState = begin("tab-1")): { state: PhoneState; effects: Effect[] } {
  const effects: Effect[] = [];
  for (const input of inputs) {
    const [next, more] = step(state, input);
    state = next;
    effects.push(...more);
  }
  return { state, effects };
}

const ready: Input[] = [{ type: "line", up: true }, { type: "held" }, { type: "microphone", state: "ok" }];
const connect: Input = { type: "message", message: { type: "connect", leg: "a1", call: "c1", codec: "opus" } };
const sent = (effects: Effect[]) => effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));

describe("the softphone", () => {
  it("asks for the microphone and registers when it gets the telephone", () => {
    const { effects } = run([{ type: "line", up: true }, { type: "held" }]);
    expect(effects).toEqual([
      { type: "ask-microphone" },
      { type: "send", message: { type: "register", tab: "tab-1", legs: [], softphone: true } },
    ]);
  });

  it("does not register in a window that has not got the telephone", () => {
    expect(sent(run([{ type: "line", up: true }]).effects)).toEqual([]);
  });

  it("connects when the switch asks, and sends its offer", () => {
    const { state, effects } = run([...ready, connect, { type: "offered", leg: "a1", sdp: "v=0" }]);
    expect(effects).toContainEqual({ type: "connect", leg: "a1", codec: "opus" });
    expect(sent(effects).at(-1)).toEqual({ type: "offer", leg: "a1", sdp: "v=0" });
    expect(state.legs.a1?.phase).toBe("connecting");
  });

  it("waits for the microphone before it connects", () => {
    const waiting = run([{ type: "line", up: true }, { type: "held" }, { type: "microphone", state: "asking" }, connect]);
    expect(waiting.effects.some((effect) => effect.type === "connect")).toBe(false);
    const then = run([{ type: "microphone", state: "ok" }], waiting.state);
    expect(then.effects).toEqual([{ type: "connect", leg: "a1", codec: "opus" }]);
  });

  it("declines when the microphone is refused, at whatever moment", () => {
    const before = run([{ type: "line", up: true }, { type: "held" }, { type: "microphone", state: "denied" }, connect]);
    expect(sent(before.effects).at(-1)).toEqual({ type: "decline", leg: "a1", reason: "microphone" });
    const during = run([{ type: "line", up: true }, { type: "held" }, connect, { type: "microphone", state: "missing" }]);
    expect(sent(during.effects).at(-1)).toEqual({ type: "decline", leg: "a1", reason: "microphone" });
    expect(during.state.pending).toEqual({});
    expect(standing(during.state)).toBe("missing");
  });

  it("makes a new connection for a leg that it has, closing the old one first", () => {
    const { effects } = run([...ready, connect, connect]);
    const about = effects.filter((effect) => effect.type === "close" || effect.type === "connect").map((effect) => effect.type);
    expect(about).toEqual(["connect", "close", "connect"]);
  });

  it("is attached again after a reload: it registers with no legs and is asked to connect", () => {
    const { state, effects } = run([...ready, connect, { type: "media", leg: "a1", state: "connected" }]);
    expect(state.legs.a1?.phase).toBe("up");
    expect(sent(effects)).toHaveLength(1);
    const reloaded = run([...ready, connect], begin("tab-1"));
    expect(sent(reloaded.effects)[0]).toEqual({ type: "register", tab: "tab-1", legs: [], softphone: true });
    expect(reloaded.state.legs.a1?.phase).toBe("connecting");
  });

  it("does not take the telephone back with a live leg that it kept", () => {
    const { effects } = run([...ready, connect, { type: "taken" }, { type: "message", message: { type: "register_again" } }]);
    expect(sent(effects).at(-1)).toEqual({ type: "register", tab: "tab-1", legs: ["a1"], softphone: false });
  });

  it("tells a new switch which legs are live", () => {
    const { effects } = run([...ready, connect, { type: "message", message: { type: "register_again" } }]);
    expect(sent(effects).at(-1)).toEqual({ type: "register", tab: "tab-1", legs: ["a1"], softphone: true });
  });

  it("keeps its live legs when another window takes the telephone", () => {
    const { state } = run([...ready, connect, { type: "taken" }]);
    expect(state.legs.a1).toBeDefined();
    expect(standing(state)).toBe("ok");
    const after = run([{ type: "message", message: { type: "drop", leg: "a1", cause: "normal" } }], state);
    expect(standing(after.state)).toBe("elsewhere");
  });

  it("sends keys on legs that are up only", () => {
    const { effects } = run([...ready, connect, { type: "key", key: "5" }]);
    expect(sent(effects).some((message) => message.type === "key")).toBe(false);
    const up = run([...ready, connect, { type: "media", leg: "a1", state: "connected" }, { type: "key", key: "5" }]);
    expect(sent(up.effects).at(-1)).toEqual({ type: "key", leg: "a1", key: "5" });
  });

  it("begins every call unmuted", () => {
    const { state } = run([
      ...ready,
      connect,
      { type: "mute", on: true },
      { type: "message", message: { type: "drop", leg: "a1", cause: "normal" } },
    ]);
    expect(state.muted).toBe(false);
  });

  it("stays muted when the same call is connected anew", () => {
    const { state } = run([...ready, connect, { type: "mute", on: true }, connect]);
    expect(state.muted).toBe(true);
  });

  it("says that sound does not get through", () => {
    const { state } = run([...ready, connect, { type: "media", leg: "a1", state: "failed" }]);
    expect(standing(state)).toBe("lost");
    expect(standing(run([connect], state).state)).toBe("ok");
  });

  it("passes over legs that it does not know", () => {
    const { state, effects } = run([
      ...ready,
      { type: "message", message: { type: "answer", leg: "zz", sdp: "" } },
      { type: "media", leg: "zz", state: "failed" },
    ]);
    expect(state.legs).toEqual({});
    expect(effects.some((effect) => effect.type === "answer")).toBe(false);
  });
});

describe("small rules", () => {
  it("puts the preferred codec first and keeps the others", () => {
    const codecs = ["audio/opus", "audio/PCMU", "audio/telephone-event"].map((mimeType) => ({ mimeType }));
    expect(preferring(codecs, "PCMU").map((codec) => codec.mimeType)).toEqual(["audio/PCMU", "audio/opus", "audio/telephone-event"]);
    expect(preferring(codecs, "G729")).toEqual(codecs);
  });

  it("calls a connection poor when people would", () => {
    expect(isPoor({ roundTrip: 80, jitter: 12, lost: 0.01 })).toBe(false);
    expect(isPoor({ roundTrip: 500, jitter: 12, lost: 0 })).toBe(true);
    expect(isPoor({ roundTrip: 80, jitter: 12, lost: 0.1 })).toBe(true);
  });

  it("knows the messages of the catalogue only", () => {
    expect(fromSwitch({ type: "ringing", leg: "a" })).toEqual({ type: "ringing", leg: "a" });
    expect(fromSwitch({ type: "explode" })).toBeNull();
    expect(fromSwitch({})).toBeNull();
  });
});
