// The agent's softphone in the page: carries out what the machine says.

import { Holder, tabName } from "./holder";
import { begin, type Effect, type Input, type PhoneState, type Standing, standing, step } from "./machine";
import { fromSwitch, type IceServer, isPoor, type Quality, type ToSwitch } from "./messages";
import { MicrophoneKeeper } from "./microphone";
import { Peer } from "./peer";
import { Sounds } from "./sounds";

export interface PhoneView {
  /** How the telephone stands, whenever it changes. */
  standing(now: Standing, poor: boolean): void;
  muted(on: boolean): void;
  /** How well the call is heard: estimated mean opinion score, 0 when there is no call. */
  quality(mos: number, measured?: Quality): void;
}

export class Phone {
  readonly sounds = new Sounds();
  private state: PhoneState = begin(tabName());
  private readonly peers = new Map<string, Peer>();
  private readonly players = new Map<string, HTMLAudioElement>();
  private readonly poor = new Set<string>();
  private readonly measured = new Map<string, Quality>();
  private waiting: (() => void)[] = [];
  private readonly microphone: MicrophoneKeeper;
  private readonly holder: Holder;

  constructor(
    user: string,
    private readonly send: (message: ToSwitch) => boolean,
    private readonly view: PhoneView,
  ) {
    this.microphone = new MicrophoneKeeper((state) => {
      this.put({ type: "microphone", state });
      if (state === "ok") this.rewire();
    });
    this.holder = new Holder(
      `cordboard-telephone-${user}`,
      () => this.put({ type: "held" }),
      () => this.put({ type: "taken" }),
    );
  }

  start(): void {
    this.holder.start(() => this.show());
    window.addEventListener("pagehide", () => this.holder.leave());
  }

  line(up: boolean): void {
    this.put({ type: "line", up });
  }

  message(data: Record<string, unknown>): void {
    const message = fromSwitch(data);
    if (message?.type === "problem") console.warn("softphone:", message.reason);
    if (message?.type === "quality") this.view.quality(message.mos, this.measured.get(message.leg));
    else if (message) this.put({ type: "message", message });
  }

  /** Ask for the microphone again, as after a refusal. */
  check(): void {
    void this.microphone.ask();
  }

  take(): void {
    this.holder.take();
  }

  /** Whether a call could be spoken in here, or in the window that has the telephone. */
  get usable(): boolean {
    return !this.state.holder || this.state.microphone === "ok";
  }

  /** Comes when it is known whether the microphone can be used: at once, but for the moment after a page came and while a person is asked. */
  settled(): Promise<void> {
    if (this.standing !== "asking") return Promise.resolve();
    return new Promise((done) => this.waiting.push(done));
  }

  get standing(): Standing {
    return standing(this.state);
  }

  get muted(): boolean {
    return this.state.muted;
  }

  get microphoneStream(): MediaStream | null {
    return this.microphone.stream;
  }

  toggleMute(): void {
    this.put({ type: "mute", on: !this.state.muted });
  }

  key(key: string): void {
    this.put({ type: "key", key });
  }

  private put(input: Input): void {
    const [next, effects] = step(this.state, input);
    this.state = next;
    for (const effect of effects) this.perform(effect);
    this.show();
    if (this.standing !== "asking") for (const done of this.waiting.splice(0)) done();
  }

  private show(): void {
    this.view.standing(standing(this.state), this.poor.size > 0);
    this.view.muted(this.state.muted);
  }

  private perform(effect: Effect): void {
    switch (effect.type) {
      case "send":
        this.send(effect.message);
        break;
      case "ask-microphone":
        void this.microphone.ask();
        break;
      case "connect":
        this.connect(effect.leg, effect.codec, effect.ice);
        break;
      case "answer":
        void this.peers.get(effect.leg)?.answer(effect.sdp);
        break;
      case "close":
        this.close(effect.leg);
        break;
      case "mute":
        for (const peer of this.peers.values()) peer.mute(effect.on);
        break;
    }
  }

  private connect(leg: string, codec: string, ice?: IceServer[] | undefined): void {
    this.close(leg);
    const peer: Peer = new Peer(
      this.microphone.stream,
      codec,
      {
        offered: (sdp) => this.mine(leg, peer) && this.put({ type: "offered", leg, sdp }),
        broken: (reason) => this.mine(leg, peer) && this.put({ type: "broken", leg, reason }),
        media: (state, quality) => this.mine(leg, peer) && this.media(leg, state, quality),
        sound: (stream) => this.mine(leg, peer) && this.hear(leg, stream),
      },
      ice,
    );
    this.peers.set(leg, peer);
    peer.mute(this.state.muted);
    void peer.offer();
  }

  /** A leg may have a newer connection already: what the old one says counts no more. */
  private mine(leg: string, peer: Peer): boolean {
    return this.peers.get(leg) === peer;
  }

  private media(leg: string, state: string, quality: Quality): void {
    this.measured.set(leg, quality);
    if (isPoor(quality)) this.poor.add(leg);
    else this.poor.delete(leg);
    this.send({ type: "media", leg, state, round_trip: quality.roundTrip, jitter: quality.jitter, lost: quality.lost });
    this.put({ type: "media", leg, state });
  }

  private hear(leg: string, stream: MediaStream): void {
    const player = this.players.get(leg) ?? document.createElement("audio");
    player.autoplay = true;
    player.dataset.leg = leg;
    player.srcObject = stream;
    this.players.set(leg, player);
    document.getElementById("cb-remote")?.append(player);
    player.play().catch(() => {
      // A browser that wants a gesture first gets the next one.
      const again = () => void player.play();
      document.addEventListener("pointerdown", again, { once: true });
      document.addEventListener("keydown", again, { once: true });
    });
  }

  private close(leg: string): void {
    this.peers.get(leg)?.close();
    this.peers.delete(leg);
    const player = this.players.get(leg);
    if (player) {
      player.srcObject = null;
      player.remove();
    }
    this.players.delete(leg);
    this.poor.delete(leg);
    this.measured.delete(leg);
    if (this.peers.size === 0) this.view.quality(0);
  }

  private rewire(): void {
    const stream = this.microphone.stream;
    if (!stream) return;
    for (const peer of this.peers.values()) void peer.replaceMicrophone(stream, this.state.muted);
  }
}
