// The caller's page: one call over the web, with nothing but a button.

import { startMenus } from "./desk/menus";
import { word } from "./desk/words";
import { LiveClient } from "./live/client";
import { clockText } from "./live/clock";
import { beginGuest, type GuestEffect, type GuestInput, type GuestState, inCall, stepGuest } from "./softphone/guest";
import { tabName } from "./softphone/holder";
import { fromSwitch, type IceServer, type ToSwitch } from "./softphone/messages";
import { MicrophoneKeeper } from "./softphone/microphone";
import { Peer } from "./softphone/peer";
import { Sounds } from "./softphone/sounds";

const page = document.getElementById("call") as HTMLElement;
const part = (name: string): HTMLElement => page.querySelector(`[data-part="${name}"]`) as HTMLElement;
const remote = document.getElementById("cb-remote") as HTMLAudioElement;

class CallPage {
  private state: GuestState = beginGuest(tabName(), page.dataset.to ?? "");
  private peer: Peer | null = null;
  private live: LiveClient | null = null;
  private readonly sounds = new Sounds();
  private upSince = 0;
  private muted = false;
  private servers: Promise<IceServer[]> = Promise.resolve([]);
  private connections = 0;
  private readonly microphone = new MicrophoneKeeper((state) => {
    if (state === "asking" || state === "unknown") return;
    this.put({ type: "microphone", ok: state === "ok", problem: state });
  });

  start(): void {
    part("call").addEventListener("click", () => void this.call());
    part("hang-up").addEventListener("click", () => this.put({ type: "hang-up" }));
    part("mute").addEventListener("click", () => this.mute(!this.muted));
    part("keypad").addEventListener("click", (event) => {
      const key = (event.target as Element).closest<HTMLElement>("[data-key]")?.dataset.key;
      if (key) this.put({ type: "key", key });
    });
    document.addEventListener("keydown", (event) => {
      if (inCall(this.state) && /^[0-9*#]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey)
        this.put({ type: "key", key: event.key });
    });
    window.addEventListener("beforeunload", (event) => {
      if (inCall(this.state)) event.preventDefault();
    });
    window.addEventListener("pagehide", () => this.put({ type: "hang-up" }));
    window.setInterval(() => this.tick(), 500);
    this.show();
  }

  /** A token is good for one call: each press asks for a fresh one. */
  private async call(): Promise<void> {
    if (inCall(this.state)) return;
    this.live?.stop();
    this.live = null;
    this.put({ type: "line", up: false });
    // How the sound may find its way is told with the token; the microphone is asked for meanwhile.
    let ready: (servers: IceServer[]) => void = () => undefined;
    this.servers = new Promise((resolve) => {
      ready = resolve;
    });
    this.put({ type: "call" });
    if (this.state.phase !== "asking" && this.state.phase !== "connecting") return;
    try {
      const body = new FormData(page.querySelector("form") as HTMLFormElement);
      const response = await fetch(page.dataset.token ?? "", {
        method: "POST",
        body,
        headers: { "X-CSRFToken": String(body.get("csrfmiddlewaretoken") ?? "") },
      });
      if (response.status === 429 || response.status === 503) {
        this.put({ type: "message", message: { type: "refused", cause: "busy" } });
        return;
      }
      if (!response.ok) throw new Error(String(response.status));
      const { token, ice } = (await response.json()) as { token: string; ice: IceServer[] };
      ready(ice);
      this.open(token);
    } catch {
      this.put({ type: "broken" });
    }
  }

  private open(token: string): void {
    const address = new URL("/live", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.search = new URLSearchParams({ guest: "call", token }).toString();
    this.live = new LiveClient(address.href);
    this.live.listen({
      up: () => this.put({ type: "line", up: true }),
      down: () => this.put({ type: "line", up: false }),
      signedOut: () => {
        // The token is over. A call that stands goes on without the line; one that does not stand yet cannot come up.
        if (this.state.phase !== "up") this.put({ type: "message", message: { type: "refused", cause: "failed" } });
      },
      softphone: (data) => {
        const message = fromSwitch(data);
        if (message) this.put({ type: "message", message });
      },
    });
    this.live.start();
  }

  private put(input: GuestInput): void {
    const before = this.state.phase;
    const [next, effects] = stepGuest(this.state, input);
    this.state = next;
    if (next.phase === "up" && before !== "up") this.upSince = Date.now();
    for (const effect of effects) this.perform(effect);
    if (!inCall(next) && before !== next.phase) this.over();
    this.show();
  }

  private perform(effect: GuestEffect): void {
    switch (effect.type) {
      case "ask-microphone":
        void this.microphone.ask();
        break;
      case "connect":
        void this.connect(effect.codec, effect.ice);
        break;
      case "answer":
        void this.peer?.answer(effect.sdp);
        break;
      case "send":
        this.live?.softphone({ ...(effect.message as ToSwitch) });
        break;
      case "close":
        this.peer?.close();
        this.peer = null;
        remote.srcObject = null;
        break;
      case "ringback":
        if (effect.on) this.sounds.play("ringback");
        else this.sounds.stop();
    }
  }

  private async connect(codec: string, ice?: IceServer[] | undefined): Promise<void> {
    const wanted = ++this.connections;
    const servers = ice ?? (await this.servers);
    if (wanted !== this.connections || !inCall(this.state)) return;
    const peer: Peer = new Peer(
      this.microphone.stream,
      codec,
      {
        offered: (sdp) => this.peer === peer && this.put({ type: "offered", sdp }),
        broken: () => this.peer === peer && this.put({ type: "broken" }),
        media: (state, quality) => {
          if (this.peer !== peer || !this.state.leg) return;
          this.live?.softphone({
            type: "media",
            leg: this.state.leg,
            state,
            round_trip: quality.roundTrip,
            jitter: quality.jitter,
            lost: quality.lost,
          });
        },
        sound: (stream) => {
          remote.srcObject = stream;
          void remote.play();
        },
      },
      servers,
    );
    this.peer = peer;
    peer.mute(this.muted);
    void peer.offer();
  }

  /** The browser's microphone sign goes out with the call. */
  private over(): void {
    this.microphone.release();
    this.mute(false);
    const line = this.live;
    window.setTimeout(() => {
      if (this.live === line && !inCall(this.state)) line?.stop();
    }, 1000);
  }

  private mute(on: boolean): void {
    this.muted = on;
    this.peer?.mute(on);
    part("mute").setAttribute("aria-pressed", String(on));
    part("mute").classList.toggle("cb-btn-on", on);
    const label = part("mute").querySelector("span");
    if (label) label.textContent = word(on ? "phone.unmute" : "phone.mute");
  }

  private tick(): void {
    part("time").textContent = this.state.phase === "up" ? clockText((Date.now() - this.upSince) / 1000) : "";
  }

  private show(): void {
    const { phase } = this.state;
    const calling = inCall(this.state);
    page.dataset.phase = phase;
    const key = phase === "microphone" ? `phone.${this.state.problem}` : `call.${phase}`;
    part("state").textContent = word(key);
    const more = part("more");
    const sentence = word(`${key}_more`);
    more.textContent = sentence === `${key}_more` ? "" : sentence;
    more.hidden = more.textContent === "";
    part("call").hidden = calling;
    const label = part("call").querySelector("span");
    if (label) label.textContent = word(phase === "idle" ? "call.call" : "call.again");
    part("in-call").hidden = !calling;
    part("keypad").hidden = !calling;
    part("keyed").textContent = this.state.keys;
    part("sign").dataset.state = phase === "up" ? "talking" : calling ? "offered" : "offline";
    this.tick();
  }
}

startMenus(document);
new CallPage().start();
