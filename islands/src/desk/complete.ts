// Completing in a text: names of colleagues after @, solutions after /. The text stays a plain text field; the list beside it is a list box that the
// arrow keys go through while the caret stays where it is (aria-activedescendant). Nothing is taken while an input method composes.

import { word } from "./words";

export interface Trigger {
  /** What begins it: "@" or "/". */
  sign: string;
  /** Where the sign stands in the text. */
  from: number;
  /** What was typed after it. */
  query: string;
}

export interface Offer {
  words: string;
  note?: string;
  /** What takes the place of the sign and what was typed after it. */
  insert: string;
}

const LONGEST = { "@": 40, "/": 60 } as const;
const WAIT = 140;

/** What is being completed where the caret stands; null for nothing. `signs`: those that mean something here. Languages that write without
 * spaces may have a sign right after a word; an address (emma@example, and/or, https://) is none. */
export function trigger(text: string, caret: number, signs: string): Trigger | null {
  const line = text.lastIndexOf("\n", caret - 1) + 1;
  for (let at = caret - 1; at >= line; at -= 1) {
    const sign = text[at] ?? "";
    if (sign !== "@" && sign !== "/") continue;
    const before = text[at - 1] ?? "";
    const begins = sign === "@" ? !/[A-Za-z0-9_.@/+-]/.test(before) : at === line || /\s/.test(before);
    if (!begins) {
      if (sign === "/") continue;
      return null;
    }
    const query = text.slice(at + 1, caret);
    const fits =
      query.length <= LONGEST[sign] &&
      !/^[\s/@]/.test(query) &&
      query.split(/\s+/).length <= (sign === "@" ? 3 : 8) &&
      !/[.,;:!?。，？！]\s/.test(query);
    return signs.includes(sign) && fits ? { sign, from: at, query } : null;
  }
  return null;
}

/** Text as it is pasted from pages and documents: spaces that are none, signs that nobody sees, bullets, and lines of nothing. */
export function cleaned(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[\u00a0\u2007\u202f]/g, " ")
    .replace(/[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g, "")
    .replace(/^[ \t]*[•·▪◦‣\uf0b7][ \t]+/gm, "- ")
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n");
}

/** Put into a text field as if it was typed, so that it can be taken back. */
export function put(area: HTMLTextAreaElement, text: string, from = area.selectionStart, to = area.selectionEnd): void {
  area.focus();
  area.setSelectionRange(from, to);
  if (area.ownerDocument.execCommand?.("insertText", false, text)) return;
  area.setRangeText(text, from, to, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

export interface Surroundings {
  /** The signs that mean something in this field now. */
  signs(area: HTMLTextAreaElement): string;
  /** What fits what was typed. */
  ask(sign: string, query: string): Promise<Offer[]>;
}

export class Completion {
  private offers: Offer[] = [];
  private at = 0;
  private now: Trigger | null = null;
  private timer = 0;
  private asked = 0;
  /** Sent away with Escape: it does not come again for the same sign. */
  private left = -1;

  constructor(
    private readonly root: Document,
    private readonly selector: string,
    private readonly around: Surroundings,
  ) {}

  start(): void {
    this.root.addEventListener("input", (event) => {
      if (this.is(event.target)) this.look(event.target);
    });
    this.root.addEventListener("compositionend", (event) => {
      if (this.is(event.target)) this.look(event.target);
    });
    this.root.addEventListener("keydown", (event) => this.key(event), { capture: true });
    this.root.addEventListener("focusout", (event) => {
      if (this.is(event.target)) this.close();
    });
    this.root.addEventListener("mousedown", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[data-complete] [role=option]");
      if (!option) return;
      event.preventDefault();
      this.choose(Number(option.dataset.at));
    });
  }

  private is(target: EventTarget | null): target is HTMLTextAreaElement {
    return target instanceof HTMLTextAreaElement && target.matches(this.selector);
  }

  private get area(): HTMLTextAreaElement | null {
    return this.root.querySelector<HTMLTextAreaElement>(this.selector);
  }

  private box(): HTMLElement | null {
    return this.root.querySelector<HTMLElement>("[data-complete]");
  }

  private look(area: HTMLTextAreaElement): void {
    window.clearTimeout(this.timer);
    const found = area.selectionStart === area.selectionEnd ? trigger(area.value, area.selectionStart, this.around.signs(area)) : null;
    if (!found || found.from === this.left || (found.sign === "/" && found.query.length < 2)) {
      if (!found) this.left = -1;
      this.close();
      return;
    }
    this.left = -1;
    this.now = found;
    this.timer = window.setTimeout(() => void this.fetch(found), WAIT);
  }

  private async fetch(wanted: Trigger): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    try {
      const offers = await this.around.ask(wanted.sign, wanted.query);
      if (mine !== this.asked || this.now !== wanted) return;
      this.show(offers, wanted);
    } catch {
      // The server is not reached: the line's notice says so, and a name can be typed as it is.
      this.close();
    }
  }

  private show(offers: Offer[], wanted: Trigger): void {
    const box = this.box();
    const list = box?.querySelector("ul");
    const area = this.area;
    if (!box || !list || !area) return;
    this.offers = offers;
    this.at = 0;
    list.replaceChildren(...offers.map((offer, at) => this.option(offer, at)));
    const none = box.querySelector<HTMLElement>("[data-none]");
    const quiet = !offers.length && wanted.query.length < 2;
    if (none) {
      none.hidden = offers.length > 0;
      none.textContent = word(wanted.sign === "@" ? "complete.nobody" : "complete.nothing");
    }
    list.hidden = offers.length === 0;
    box.hidden = quiet;
    this.say(offers.length ? word("complete.found", { n: offers.length }) : quiet ? "" : (none?.textContent ?? ""));
    area.setAttribute("aria-controls", list.id);
    this.mark();
  }

  private option(offer: Offer, at: number): HTMLLIElement {
    const line = this.root.createElement("li");
    line.id = `complete-${at}`;
    line.setAttribute("role", "option");
    line.dataset.at = String(at);
    const words = this.root.createElement("span");
    words.textContent = offer.words;
    line.append(words);
    if (offer.note) {
      const note = this.root.createElement("span");
      note.className = "cb-soft";
      note.textContent = offer.note;
      line.append(note);
    }
    return line;
  }

  private mark(): void {
    const area = this.area;
    const lines = [...(this.box()?.querySelectorAll<HTMLElement>("[role=option]") ?? [])];
    for (const [at, line] of lines.entries()) {
      line.setAttribute("aria-selected", String(at === this.at));
      line.classList.toggle("on", at === this.at);
    }
    const here = lines[this.at];
    if (here) {
      area?.setAttribute("aria-activedescendant", here.id);
      here.scrollIntoView({ block: "nearest" });
    } else area?.removeAttribute("aria-activedescendant");
  }

  private say(text: string): void {
    const place = this.root.querySelector<HTMLElement>("[data-complete-said]");
    if (place) place.textContent = text;
  }

  private close(): void {
    window.clearTimeout(this.timer);
    this.asked += 1;
    this.now = null;
    this.offers = [];
    const box = this.box();
    if (box && !box.hidden) {
      box.hidden = true;
      this.say("");
    }
    this.area?.removeAttribute("aria-activedescendant");
  }

  private key(event: KeyboardEvent): void {
    if (!this.is(event.target) || event.isComposing || !this.now) return;
    const box = this.box();
    if (!box || box.hidden) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape") {
      this.left = this.now.from;
      this.close();
    } else if (!this.offers.length || !plain) return;
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.at = (this.at + step + this.offers.length) % this.offers.length;
      this.mark();
    } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) this.choose(this.at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private choose(at: number): void {
    const area = this.area;
    const offer = this.offers[at];
    const now = this.now;
    if (!area || !offer || !now) return;
    this.close();
    put(area, offer.insert, now.from, now.from + 1 + now.query.length);
  }
}
