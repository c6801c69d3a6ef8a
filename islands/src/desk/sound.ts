// The dialog for sound: whether callers can hear this microphone, and how a call announces itself.

import { levelOf } from "../softphone/microphone";
import type { Phone } from "../softphone/phone";
import type { RingTone } from "../softphone/sounds";
import { post } from "./requests";
import { word } from "./words";

/** What is said of the microphone, in one sentence. */
export function microphoneWords(standing: string, label: string): string {
  if (standing === "ok" || standing === "lost") return label ? `${word("phone.ok")}: ${label}` : word("phone.ok");
  return `${word(`phone.${standing}`)} ${word(`phone.${standing}_more`)}`;
}

export function startSound(root: Document, phone: Phone): void {
  const dialog = root.getElementById("sound");
  const shell = root.getElementById("shell");
  if (!(dialog instanceof HTMLDialogElement) || !shell) return;
  const state = dialog.querySelector("[data-mic-state]") as HTMLElement;
  const bar = dialog.querySelector("[data-mic-level]") as HTMLElement;
  let done: (() => void) | null = null;
  let shown: MediaStream | null = null;

  const follow = (): void => {
    const stream = phone.microphoneStream;
    state.textContent = microphoneWords(phone.standing, stream?.getAudioTracks()[0]?.label ?? "");
    if (stream === shown) return;
    done?.();
    shown = stream;
    done = stream
      ? levelOf(stream, (level) => {
          const percent = Math.round(level * 100);
          bar.style.setProperty("--v", `${percent}%`);
          bar.setAttribute("aria-valuenow", String(percent));
        })
      : null;
  };

  let timer = 0;
  new MutationObserver(() => {
    window.clearInterval(timer);
    if (dialog.open) {
      phone.check();
      follow();
      timer = window.setInterval(follow, 300);
      return;
    }
    done?.();
    done = null;
    shown = null;
  }).observe(dialog, { attributes: true, attributeFilter: ["open"] });

  dialog.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement;
    if (field.name !== "ring-tone") return;
    shell.dataset.ring = field.value;
    phone.sounds.sample(field.value as RingTone);
    void post("/desk/ring-tone/", { tone: field.value });
  });
}
