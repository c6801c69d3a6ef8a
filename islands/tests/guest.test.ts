import { describe, expect, it } from "vitest";
import { beginGuest, type GuestEffect, type GuestInput, type GuestState, inCall, stepGuest } from "../src/softphone/guest";

function run(inputs: GuestInput[], state: GuestState = beginGuest("t", "100")): { state: GuestState; effects: GuestEffect[] } {
  const effects: GuestEffect[] = [];
  for (const input of inputs) {
    const [next, more] = stepGuest(state, input);
    state = next;
    effects.push(...more);
  }
  return { state, effects };
}

const sent = (effects: GuestEffect[]) => effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
const ok: GuestInput = { type: "microphone", ok: true, problem: "" };
const dialled: GuestInput[] = [{ type: "call" }, { type: "line", up: true }, ok, { type: "offered", sdp: "v=0" }];
const placed: GuestInput = { type: "message", message: { type: "placed", call: "c1", leg: "g1" } };
const answered: GuestInput = { type: "message", message: { type: "answer", leg: "g1", sdp: "v=0 a" } };

describe("a call from a web page", () => {
  it("asks for the microphone, then invites, rings, and is up", () => {
    const ringing = run([...dialled, placed, { type: "message", message: { type: "ringing", leg: "g1" } }]);
    expect(sent(ringing.effects)).toEqual([{ type: "invite", sdp: "v=0", to: "100" }]);
    expect(ringing.state.phase).toBe("ringing");
    expect(ringing.effects.at(-1)).toEqual({ type: "ringback", on: true });
    const up = run([answered], ringing.state);
    expect(up.state.phase).toBe("up");
    expect(up.effects).toEqual([
      { type: "ringback", on: false },
      { type: "answer", sdp: "v=0 a" },
    ]);
  });

  it("holds its offer until the line is there", () => {
    const early = run([{ type: "call" }, ok, { type: "offered", sdp: "v=0" }]);
    expect(sent(early.effects)).toEqual([]);
    expect(sent(run([{ type: "line", up: true }], early.state).effects)).toEqual([{ type: "invite", sdp: "v=0", to: "100" }]);
  });

  it("says why it cannot call when the microphone is refused", () => {
    const { state } = run([{ type: "call" }, { type: "microphone", ok: false, problem: "denied" }]);
    expect(state).toMatchObject({ phase: "microphone", problem: "denied" });
    expect(inCall(state)).toBe(false);
    expect(run([{ type: "call" }], state).state.phase).toBe("asking");
  });

  it("hangs up by telling the switch, also before it knows its leg", () => {
    const up = run([...dialled, placed, answered, { type: "hang-up" }]);
    expect(sent(up.effects).at(-1)).toEqual({ type: "hang_up", leg: "g1" });
    expect(up.state.phase).toBe("ended");
    const early = run([...dialled, { type: "hang-up" }, placed]);
    expect(sent(early.effects).at(-1)).toEqual({ type: "hang_up", leg: "g1" });
    expect(early.state.phase).toBe("ended");
  });

  it("sends keys on its leg and shows them", () => {
    const { state, effects } = run([...dialled, placed, answered, { type: "key", key: "1" }, { type: "key", key: "#" }]);
    expect(state.keys).toBe("1#");
    expect(sent(effects).slice(-2)).toEqual([
      { type: "key", leg: "g1", key: "1" },
      { type: "key", leg: "g1", key: "#" },
    ]);
  });

  it("survives a lost line: it registers again with its leg", () => {
    const { effects } = run([...dialled, placed, answered, { type: "line", up: false }, { type: "line", up: true }]);
    expect(sent(effects).at(-1)).toEqual({ type: "register", tab: "t", legs: ["g1"] });
  });

  it("connects anew when the switch asks, without hanging up", () => {
    const { state, effects } = run([
      ...dialled,
      placed,
      answered,
      { type: "message", message: { type: "connect", leg: "g1", call: "c1", codec: "PCMU" } },
    ]);
    expect(state.phase).toBe("up");
    expect(effects.slice(-2)).toEqual([{ type: "close" }, { type: "connect", codec: "PCMU" }]);
    expect(sent(run([{ type: "offered", sdp: "again" }], state).effects)).toEqual([{ type: "offer", leg: "g1", sdp: "again" }]);
  });

  it.each([
    ["normal", "ended"],
    ["busy", "busy"],
    ["media_lost", "lost"],
    ["failed", "lost"],
  ])("ends as the switch says: %s is %s", (cause, phase) => {
    const { state, effects } = run([...dialled, placed, answered, { type: "message", message: { type: "drop", leg: "g1", cause } }]);
    expect(state.phase).toBe(phase);
    expect(effects.at(-1)).toEqual({ type: "close" });
  });

  it("is refused when all lines are busy", () => {
    expect(run([...dialled, { type: "message", message: { type: "refused", cause: "busy" } }]).state.phase).toBe("busy");
  });

  it("calls once however often the button is pressed", () => {
    const { effects } = run([{ type: "call" }, { type: "call" }]);
    expect(effects).toEqual([{ type: "ask-microphone" }]);
  });
});
