// The keyboard. The list that people see is cordboard/desktop/shortcuts.py; the acts of pages and their keys are declared by the pages themselves (commands.ts).

import { chordOf, letterOf, singleKeys } from "./letters";

export interface Keys {
  tool(key: string): boolean;
  interaction(number: number): boolean;
  favourite(number: number): boolean;
  palette(): void;
  help(): void;
  pad(): void;
  work(): void;
  /** Choose when a callback that is offered is rather made. */
  later(): void;
  /** Play the message that stands on the page, or stop it. */
  play(): void;
  ready(): boolean;
  rejectWhy(): boolean;
  /** A function key with Shift: what the menu behind the buttons offers. */
  shifted(key: string): boolean;
  /** An act of the page that is open: "T", "Shift+H", "Alt+R". */
  command(chord: string): boolean;
}

const TELEPHONE = new Set(["F2", "F3", "F4", "F6", "F7", "F8", "F9", "F10", "F12"]);
const SHIFTED = new Set(["F2", "F4", "F6", "F7", "F8", "F12"]);

/** Whether somebody is typing in `element`: plain keys are theirs then. */
export function isTyping(element: Element | null): boolean {
  if (!element) return false;
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return true;
  if (element instanceof HTMLInputElement) return !["button", "checkbox", "radio", "submit", "range"].includes(element.type);
  return element instanceof HTMLElement && element.isContentEditable;
}

/** What a key press means here; true when it was ours. */
export function press(event: KeyboardEvent, keys: Keys, active: Element | null, modal: boolean): boolean {
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
  if (plain && TELEPHONE.has(event.key)) {
    // Function keys are the telephone's, also where it can do nothing just now: F3 must not open the browser's search in mid-call.
    keys.tool(event.key);
    return true;
  }
  if (plain && event.key === "F11") return keys.ready();
  if (event.key === "F3" && event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) return keys.rejectWhy();
  if (event.shiftKey && SHIFTED.has(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
    keys.shifted(event.key);
    return true;
  }
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    const letter = letterOf(event);
    if (letter === "K") {
      keys.palette();
      return true;
    }
    if (/^[1-9]$/.test(letter)) return keys.interaction(Number(letter));
  }
  if (modal) return false;
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    if (event.code === "KeyN") {
      keys.pad();
      return true;
    }
    if (event.code === "KeyP") {
      keys.play();
      return true;
    }
    if (event.code === "KeyL") {
      keys.later();
      return true;
    }
    if (event.code === "KeyW") {
      keys.work();
      return true;
    }
  }
  if (event.ctrlKey || event.metaKey) return false;
  if (event.altKey) return keys.command(chordOf(event));
  if (isTyping(active) || !singleKeys()) return false;
  const letter = letterOf(event);
  if (letter === "?") {
    keys.help();
    return true;
  }
  if (active?.closest("[data-numbered], [popover], [role=menu], [role=listbox]")) return false; // a menu: its lines have keys of their own
  if (plain && /^[1-9]$/.test(letter) && keys.favourite(Number(letter))) return true;
  return keys.command(chordOf(event));
}

export function startKeyboard(root: Document, keys: Keys): void {
  root.addEventListener("keydown", (event) => {
    if (event.repeat && TELEPHONE.has(event.key)) {
      event.preventDefault();
      return;
    }
    // What a list or a calendar under the focus took is done; the telephone's keys are never anybody else's.
    if ((event.defaultPrevented || event.isComposing) && !/^F\d/.test(event.key)) return;
    const modal = root.querySelector("dialog[open]") !== null;
    if (press(event, keys, root.activeElement, modal)) event.preventDefault();
  });
}
