// One leg's WebRTC connection in the browser. The browser always offers; the switch answers.

import type { IceServer, Quality } from "./messages";

/** Longest wait for candidates. Host candidates are there in milliseconds; a STUN or TURN server is asked over the network, and may be gone. */
const GATHER_AT_MOST = 700;
const GATHER_FROM_SERVERS = 2500;
const REPORT_EVERY = 10_000;

export interface PeerListener {
  offered(sdp: string): void;
  broken(reason: string): void;
  /** The connection's state, when it changes and every ten seconds. */
  media(state: string, quality: Quality): void;
  sound(stream: MediaStream): void;
}

interface CodecLike {
  mimeType: string;
}

/** The preferred codec first, the others behind it. */
export function preferring<T extends CodecLike>(codecs: readonly T[], wanted: string): T[] {
  const first = codecs.filter((codec) => codec.mimeType.toLowerCase() === `audio/${wanted.toLowerCase()}`);
  return [...first, ...codecs.filter((codec) => !first.includes(codec))];
}

export class Peer {
  private readonly connection: RTCPeerConnection;
  private track: MediaStreamTrack | null;
  private timer = 0;
  private received = 0;
  private missing = 0;
  private closed = false;

  constructor(
    stream: MediaStream | null,
    private readonly codec: string,
    private readonly listener: PeerListener,
    private readonly servers: IceServer[] = [],
  ) {
    this.connection = new RTCPeerConnection({ iceServers: servers, bundlePolicy: "max-bundle" });
    // A clone each, so that closing or muting one leg leaves the microphone open for the next call.
    this.track = stream?.getAudioTracks()[0]?.clone() ?? null;
    this.connection.addEventListener("track", (event) => listener.sound(event.streams[0] ?? new MediaStream([event.track])));
    this.connection.addEventListener("connectionstatechange", () => void this.report());
    this.timer = window.setInterval(() => void this.report(), REPORT_EVERY);
  }

  async offer(): Promise<void> {
    try {
      const way = this.connection.addTransceiver(this.track ?? "audio", { direction: "sendrecv" });
      const codecs = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
      if (codecs.length) way.setCodecPreferences(preferring(codecs, this.codec));
      await this.connection.setLocalDescription(await this.connection.createOffer());
      await this.gathered();
      const sdp = this.connection.localDescription?.sdp;
      if (this.closed) return;
      if (sdp) this.listener.offered(sdp);
      else this.listener.broken("no offer");
    } catch (problem) {
      if (!this.closed) this.listener.broken(String(problem));
    }
  }

  async answer(sdp: string): Promise<void> {
    // Told twice when the socket broke just then: the first one counts.
    if (this.connection.signalingState !== "have-local-offer") return;
    try {
      await this.connection.setRemoteDescription({ type: "answer", sdp });
    } catch (problem) {
      if (!this.closed) this.listener.broken(String(problem));
    }
  }

  mute(on: boolean): void {
    if (this.track) this.track.enabled = !on;
  }

  /** Another microphone in the middle of a call. */
  async replaceMicrophone(stream: MediaStream, muted: boolean): Promise<void> {
    const track = stream.getAudioTracks()[0]?.clone();
    if (!track) return;
    track.enabled = !muted;
    // From now on this is the one that is muted.
    const before = this.track;
    this.track = track;
    await this.connection.getSenders()[0]?.replaceTrack(track);
    before?.stop();
  }

  get state(): string {
    return this.connection.connectionState;
  }

  close(): void {
    this.closed = true;
    window.clearInterval(this.timer);
    for (const sender of this.connection.getSenders()) sender.track?.stop();
    this.connection.close();
  }

  private gathered(): Promise<void> {
    if (this.connection.iceGatheringState === "complete") return Promise.resolve();
    return new Promise((resolve) => {
      const timer = window.setTimeout(resolve, this.servers.length ? GATHER_FROM_SERVERS : GATHER_AT_MOST);
      this.connection.addEventListener("icegatheringstatechange", () => {
        if (this.connection.iceGatheringState !== "complete") return;
        window.clearTimeout(timer);
        resolve();
      });
    });
  }

  private async report(): Promise<void> {
    if (this.closed) return;
    const state = this.connection.connectionState;
    let quality: Quality = { roundTrip: 0, jitter: 0, lost: 0 };
    if (state === "connected") quality = this.read(await this.connection.getStats());
    if (!this.closed) this.listener.media(state, quality);
  }

  private read(stats: RTCStatsReport): Quality {
    const quality: Quality = { roundTrip: 0, jitter: 0, lost: 0 };
    for (const one of stats.values() as Iterable<Record<string, unknown>>) {
      if (one.type === "candidate-pair" && one.nominated && typeof one.currentRoundTripTime === "number")
        quality.roundTrip = one.currentRoundTripTime * 1000;
      if (one.type === "inbound-rtp" && one.kind === "audio") {
        quality.jitter = Number(one.jitter ?? 0) * 1000;
        const received = Number(one.packetsReceived ?? 0);
        const missing = Math.max(0, Number(one.packetsLost ?? 0));
        // The share since the last report, not of the whole call: a bad minute shows, and passes.
        const got = received - this.received;
        const lost = missing - this.missing;
        quality.lost = got + lost > 0 ? Math.max(0, lost) / (got + lost) : 0;
        this.received = received;
        this.missing = missing;
      }
    }
    return quality;
  }
}
