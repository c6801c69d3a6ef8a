// What a press of a telephone button does: post to its address, open its box, or act in the page.

import type { Fragments } from "../live/fragments";
import type { Phone } from "../softphone/phone";
import { openBox } from "./box";
import { settled } from "./notices";
import type { Pad } from "./pad";
import { post } from "./requests";
import { showMicrophone } from "./telephone";

export interface Surface {
  phone: Phone;
  pad: Pad;
  fragments: Fragments;
  go(url: string): Promise<void>;
  /** Whether the stage is the desk. */
  desk(): boolean;
  /** The contact that the buttons act on. */
  interaction(): string;
}

export type Press = (button: HTMLButtonElement) => Promise<void>;

export function presses({ phone, pad, fragments, go, desk, interaction }: Surface): Press {
  let kept = false;
  /** Whether the call can be spoken here. A press right after the page came is kept until the microphone has answered. */
  const audible = async (button: HTMLButtonElement): Promise<boolean> => {
    if (kept) return false;
    const offered = interaction();
    if (!phone.usable) showMicrophone(phone);
    kept = true;
    await phone.settled();
    kept = false;
    if (phone.usable) return button.isConnected && !button.disabled && offered === interaction();
    showMicrophone(phone);
    phone.check();
    return false;
  };
  const posts: Press = async (button) => {
    if (button.dataset.tool === "accept" && !(await audible(button))) return;
    if (button.dataset.tool === "wrapup") await pad.flush();
    button.disabled = true;
    const accepted = button.dataset.tool === "accept" ? interaction() : "";
    let next = "";
    const done = await post(button.dataset.url ?? "", {}, (url) => {
      next = url;
    });
    if (done) settled();
    if (next) return go(next);
    if (done && (accepted || button.dataset.tool === "wrapup")) history.replaceState({ desk: true }, "", desk() ? "/desk/" : location.href);
    await fragments.refresh();
  };
  return async (button) => {
    if (button.disabled) return;
    switch (button.dataset.act) {
      case "mute":
        return phone.toggleMute();
      case "keypad":
        document.getElementById("keypad")?.togglePopover();
        return;
      case "box":
        document.getElementById("more-menu")?.hidePopover();
        return openBox(button.dataset.url ?? "");
      case "menu":
        document.getElementById("more-menu")?.togglePopover();
        return;
      case "wrapup":
        return go(`/desk/?interaction=${interaction()}&tab=wrapup`);
      case "post":
        return posts(button);
    }
  };
}
