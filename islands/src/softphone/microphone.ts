// The microphone: asked for once, then kept open, so that a call needs no waiting and no second question.

import type { Microphone } from "./machine";

export function reasonOf(problem: unknown): Microphone {
  const name = problem instanceof DOMException ? problem.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}

export class MicrophoneKeeper {
  stream: MediaStream | null = null;

  constructor(private readonly changed: (state: Microphone) => void) {
    navigator.mediaDevices?.addEventListener("devicechange", () => {
      // Plugged in again: take it up by itself, the agent has enough to do.
      if (this.wanted && !this.usable) void this.ask();
    });
  }

  private wanted = false;

  get usable(): boolean {
    return this.stream?.getAudioTracks().some((track) => track.readyState === "live") ?? false;
  }

  async ask(): Promise<Microphone> {
    this.wanted = true;
    if (this.usable) return this.say("ok");
    if (!navigator.mediaDevices?.getUserMedia) return this.say("insecure");
    this.say("asking");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
      });
      this.stream = stream;
      for (const track of stream.getAudioTracks())
        track.addEventListener("ended", () => {
          if (this.stream === stream) this.say("unplugged");
        });
      return this.say("ok");
    } catch (problem) {
      return this.say(reasonOf(problem));
    }
  }

  release(): void {
    this.wanted = false;
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }

  private say(state: Microphone): Microphone {
    this.changed(state);
    return state;
  }
}

/** How loud it is at the microphone just now, 0 to 1, for the check. Ends when `done` is called. */
export function levelOf(stream: MediaStream, show: (level: number) => void): () => void {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(stream);
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = window.setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    show(Math.min(1, Math.sqrt(sum / samples.length) * 6));
  }, 60);
  return () => {
    window.clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}
