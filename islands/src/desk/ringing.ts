// How what is offered announces itself: a tone, a beep and the answer where the queue's terms say so, and a callback that is dialled by itself once it was looked at.

import { serverNow } from "../live/clock";
import type { RingTone, Sounds } from "../softphone/sounds";

export interface Ringer {
  sounds: Pick<Sounds, "play" | "stop" | "beep">;
  /** Whether the telephone is in another window: only one sounds, and only one answers. */
  elsewhere(): boolean;
  tone(): RingTone;
  /** Press Accept. */
  accept(): void;
}

/** A breath between the beep and the voice. */
export const BREATH = 600;

export class Ringing {
  private beeped = "";
  private dials = "";
  private timer = 0;

  constructor(
    private readonly root: Document,
    private readonly ringer: Ringer,
  ) {}

  private get rings(): boolean {
    const button = this.root.getElementById("tool-accept") as HTMLButtonElement | null;
    return button !== null && !button.disabled;
  }

  /** As the toolbar says now. */
  show(): void {
    const bar = this.root.getElementById("tools");
    // A second call may ring while the first one is on hold and shown.
    const rings = this.rings;
    if (!rings) this.root.getElementById("reject-menu")?.hidePopover();
    const here = rings && !this.ringer.elsewhere();
    this.dialAt(here ? (bar?.dataset.dialAt ?? "") : "", bar?.dataset.interaction ?? "");
    if (here && bar?.dataset.autoAnswer) {
      this.ringer.sounds.stop();
      if (this.beeped !== bar.dataset.interaction) this.answer(bar.dataset.interaction ?? "");
    } else if (here) this.ringer.sounds.play(this.ringer.tone());
    else this.ringer.sounds.stop();
  }

  /** The queue's terms say that calls are answered by themselves: a beep, a breath, and the call is there. */
  private answer(interaction: string): void {
    this.beeped = interaction;
    this.ringer.sounds.beep();
    window.setTimeout(() => this.press(interaction), BREATH);
  }

  /** The policy says that a callback is dialled by itself at this moment (milliseconds), unless the agent decided otherwise before. */
  private dialAt(at: string, interaction: string): void {
    const wanted = at ? `${interaction} ${at}` : "";
    if (wanted === this.dials) return;
    this.dials = wanted;
    window.clearTimeout(this.timer);
    if (at) this.timer = window.setTimeout(() => this.press(interaction), Math.max(0, Number(at) - serverNow()));
  }

  private press(interaction: string): void {
    const bar = this.root.getElementById("tools");
    if (bar?.dataset.interaction === interaction && this.rings) this.ringer.accept();
  }
}
