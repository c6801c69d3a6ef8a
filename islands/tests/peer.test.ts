import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { beginGuest, type GuestEffect, type GuestInput, stepGuest } from "../src/softphone/guest";
import { begin, type Effect, type Input, step } from "../src/softphone/machine";
import { fromSwitch, type IceServer } from "../src/softphone/messages";
import { Peer } from "../src/softphone/peer";

const ICE: IceServer[] = [
  { urls: "stun:192.0.2.1:3478" },
  { urls: "turn:192.0.2.1:3478?transport=tcp", username: "1800003600:user-7", credential: "c2VjcmV0" },
];

/** The browser's own class, as far as a Peer uses it. */
class Connection {
  static made: RTCConfiguration[] = [];
  connectionState = "new";
  iceGatheringState = "gathering";
  localDescription: { sdp: string } | null = null;

  constructor(configuration: RTCConfiguration) {
    Connection.made.push(configuration);
  }
  addEventListener(): void {}
  addTransceiver(): { setCodecPreferences(): void } {
    return { setCodecPreferences: () => undefined };
  }
  async createOffer(): Promise<object> {
    return {};
  }
  async setLocalDescription(): Promise<void> {
    this.localDescription = { sdp: "v=0" };
  }
  getSenders(): [] {
    return [];
  }
  close(): void {}
}

describe("servers that help the sound find its way", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    Connection.made = [];
    vi.stubGlobal("RTCPeerConnection", Connection);
    vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => ({ codecs: [] }) });
    vi.stubGlobal("window", globalThis);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("reach the browser's connection, which gets time to ask them", async () => {
    const offered: string[] = [];
    const listener = {
      offered: (sdp: string) => offered.push(sdp),
      broken: () => undefined,
      media: () => undefined,
      sound: () => undefined,
    };
    const peer = new Peer(null, "opus", listener, ICE);
    expect(Connection.made[0]?.iceServers).toEqual(ICE);
    void peer.offer();
    await vi.advanceTimersByTimeAsync(1000);
    expect(offered).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(offered).toEqual(["v=0"]);
    peer.close();
  });

  it("are none where none are told, and then nobody waits for them", async () => {
    const offered: string[] = [];
    const listener = {
      offered: (sdp: string) => offered.push(sdp),
      broken: () => undefined,
      media: () => undefined,
      sound: () => undefined,
    };
    const peer = new Peer(null, "opus", listener);
    expect(Connection.made[0]?.iceServers).toEqual([]);
    void peer.offer();
    await vi.advanceTimersByTimeAsync(1000);
    expect(offered).toEqual(["v=0"]);
    peer.close();
  });

  it("come with the switch's wish to connect, at once or when the microphone is there", () => {
    const message = fromSwitch({ type: "connect", leg: "a1", call: "c1", codec: "opus", ice: ICE });
    const wish = { type: "message", message } as Input;
    const walk = (inputs: Input[]): Effect[] => {
      let state = begin("tab");
      let effects: Effect[] = [];
      for (const input of inputs) [state, effects] = step(state, input);
      return effects;
    };
    const line: Input[] = [{ type: "line", up: true }, { type: "held" }];
    const connect = { type: "connect", leg: "a1", codec: "opus", ice: ICE };
    expect(walk([...line, { type: "microphone", state: "ok" }, wish])).toContainEqual(connect);
    expect(walk([...line, { type: "microphone", state: "asking" }, wish, { type: "microphone", state: "ok" }])).toContainEqual(connect);
  });

  it("come to a caller's page with a new connection, too", () => {
    let state = beginGuest("tab", "100");
    let effects: GuestEffect[] = [];
    const inputs: GuestInput[] = [
      { type: "line", up: true },
      { type: "call" },
      { type: "microphone", ok: true, problem: "" },
      { type: "offered", sdp: "v=0" },
      { type: "message", message: { type: "placed", call: "c1", leg: "c1.0" } },
      { type: "message", message: { type: "connect", leg: "c1.0", call: "c1", codec: "opus", ice: ICE } },
    ];
    for (const input of inputs) [state, effects] = stepGuest(state, input);
    expect(effects).toContainEqual({ type: "connect", codec: "opus", ice: ICE });
  });
});
