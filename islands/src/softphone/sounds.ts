// Sounds of our own making: the call that comes in, the tone that a caller hears, the beep of a call answered by itself.

export type RingTone = "soft" | "classic" | "off";

interface Note {
  at: number;
  for: number;
  hz: number;
  loud: number;
}

const TUNES: Record<"soft" | "classic" | "ringback" | "beep" | "over", { every: number; notes: Note[] }> = {
  soft: {
    every: 2.4,
    notes: [
      { at: 0, for: 0.28, hz: 523.25, loud: 0.16 },
      { at: 0.22, for: 0.42, hz: 659.25, loud: 0.14 },
    ],
  },
  classic: {
    every: 3,
    notes: [
      { at: 0, for: 0.4, hz: 440, loud: 0.16 },
      { at: 0, for: 0.4, hz: 480, loud: 0.16 },
      { at: 0.6, for: 0.4, hz: 440, loud: 0.16 },
      { at: 0.6, for: 0.4, hz: 480, loud: 0.16 },
    ],
  },
  // What a European caller expects while it rings: 425 Hz, one second in five (ITU-T E.180).
  ringback: { every: 5, notes: [{ at: 0, for: 1, hz: 425, loud: 0.08 }] },
  beep: { every: 0, notes: [{ at: 0, for: 0.18, hz: 880, loud: 0.18 }] },
  over: {
    every: 0,
    notes: [
      { at: 0, for: 0.22, hz: 698.46, loud: 0.14 },
      { at: 0.3, for: 0.3, hz: 698.46, loud: 0.14 },
    ],
  },
};

export class Sounds {
  private context: AudioContext | null = null;
  private timer = 0;
  private playing = "";
  private voices: OscillatorNode[] = [];

  /** Ring until stopped. Asking again for what already sounds changes nothing. */
  play(tune: RingTone | "ringback"): void {
    if (tune === "off") {
      this.stop();
      return;
    }
    if (this.playing === tune) return;
    this.stop();
    this.playing = tune;
    const { every } = TUNES[tune];
    this.strike(tune);
    this.timer = window.setInterval(() => this.strike(tune), every * 1000);
  }

  beep(): void {
    this.strike("beep");
  }

  /** The time of a break is over. */
  chime(): void {
    this.strike("over");
  }

  /** Once, to hear it. */
  sample(tone: RingTone): void {
    if (tone !== "off") this.strike(tone);
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.playing = "";
    for (const voice of this.voices.splice(0)) voice.stop();
  }

  private strike(tune: keyof typeof TUNES): void {
    this.context ??= new AudioContext();
    const context = this.context;
    if (context.state === "suspended") void context.resume();
    const start = context.currentTime + 0.02;
    for (const note of TUNES[tune].notes) {
      const voice = context.createOscillator();
      const gain = context.createGain();
      voice.frequency.value = note.hz;
      gain.gain.setValueAtTime(0, start + note.at);
      gain.gain.linearRampToValueAtTime(note.loud, start + note.at + 0.02);
      gain.gain.setValueAtTime(note.loud, start + note.at + Math.max(0.02, note.for - 0.06));
      gain.gain.linearRampToValueAtTime(0, start + note.at + note.for);
      voice.connect(gain).connect(context.destination);
      voice.start(start + note.at);
      voice.stop(start + note.at + note.for + 0.02);
      voice.addEventListener("ended", () => {
        this.voices = this.voices.filter((one) => one !== voice);
      });
      this.voices.push(voice);
    }
  }
}
