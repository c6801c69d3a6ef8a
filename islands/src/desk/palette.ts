// Ctrl+K: find or do. Actions are those of the page just now; customers, colleagues and articles come from the server.

import { letterOf } from "./letters";
import { icon } from "./notices";
import { word } from "./words";

export interface Choice {
  icon: string;
  words: string;
  /** Other words that it is found by. */
  also?: string;
  note?: string;
  keys?: string;
  enabled: boolean;
  run(): void;
}

interface Found {
  icon: string;
  words: string;
  note?: string;
  url: string;
  box?: string;
}

/** Whether every word of `query` begins a word of `text`, or stands in it. */
export function matches(text: string, query: string): boolean {
  const hay = text.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .every((part) => hay.includes(part));
}

/** How far what was found is from the query: it begins so, words of it or other words for it do, they only have it within. Without a query all are alike. */
export function far(choice: Choice, query: string): number {
  if (!query) return 0;
  const typed = query.toLowerCase();
  if (choice.words.toLowerCase().startsWith(typed)) return 0;
  const words = `${choice.words} ${choice.also ?? ""}`.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return typed.split(/\s+/).every((part) => words.some((word) => word.startsWith(part))) ? 1 : 2;
}

export class Palette {
  private choices: Choice[] = [];
  private at = 0;
  private timer = 0;
  private asked = 0;
  /** What is chosen from, where it is not everything. */
  private only: (() => Choice[]) | null = null;

  constructor(
    private readonly dialog: HTMLDialogElement,
    private readonly actions: () => Choice[],
    private readonly go: (url: string) => void,
    /** Open the box at this address: the directory, the dial pad. */
    private readonly open: (box: string) => void,
  ) {}

  start(): void {
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => {
      const index = [...this.list.children].indexOf((event.target as Element).closest("li") as Element);
      if (index >= 0) this.take(index);
    });
  }

  /** Choose from these alone, by arrows, words or the digit that stands beside each. */
  choose(from: () => Choice[]): void {
    this.only = from;
    this.present();
  }

  /** Find or do anything. */
  begin(): void {
    this.only = null;
    this.present();
  }

  private present(): void {
    if (!this.dialog.open) this.dialog.showModal();
    this.input.value = "";
    this.show(this.offered(""), []);
    this.input.focus();
  }

  private offered(query: string): Choice[] {
    const all = (this.only ?? this.actions)()
      .filter((choice) => matches(`${choice.words} ${choice.also ?? ""}`, query))
      .sort((one, other) => far(one, query) - far(other, query));
    return this.only ? all.map((choice, at) => ({ ...choice, keys: !query && at < 9 ? String(at + 1) : "" })) : all;
  }

  private get input(): HTMLInputElement {
    return this.dialog.querySelector("input") as HTMLInputElement;
  }

  private get list(): HTMLElement {
    return this.dialog.querySelector("ul") as HTMLElement;
  }

  private typed(): void {
    const query = this.input.value.trim();
    const own = this.offered(query);
    this.show(own, []);
    window.clearTimeout(this.timer);
    if (query.length < 2 || this.only) return;
    this.timer = window.setTimeout(() => void this.ask(query, own), 160);
  }

  private async ask(query: string, own: Choice[]): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    try {
      const response = await fetch(`${this.dialog.dataset.source}?q=${encodeURIComponent(query)}`, {
        headers: { Accept: "application/json" },
      });
      if (!response.ok || mine !== this.asked) return;
      const { found } = (await response.json()) as { found: Found[] };
      this.show(
        own,
        found.map((one) => ({
          icon: one.icon,
          words: one.words,
          ...(one.note ? { note: one.note } : {}),
          enabled: true,
          run: () => (one.box ? this.open(one.box) : this.go(one.url)),
        })),
      );
    } catch {
      // The server is not reached: the page's own actions are still there, and the line's notice says the rest.
    }
  }

  private show(own: Choice[], found: Choice[]): void {
    this.choices = [...own, ...found];
    this.at = Math.max(
      0,
      this.choices.findIndex((choice) => choice.enabled),
    );
    this.list.replaceChildren(
      ...this.choices.map((choice, index) => {
        const line = document.createElement("li");
        line.id = `palette-${index}`;
        line.setAttribute("role", "option");
        line.setAttribute("aria-disabled", String(!choice.enabled));
        const words = document.createElement("span");
        words.textContent = choice.words;
        line.append(icon(choice.icon), words);
        if (choice.keys && choice.enabled) {
          const keys = document.createElement("kbd");
          keys.textContent = choice.keys.replaceAll("+", " ");
          line.append(keys);
        } else if (choice.note || !choice.enabled) {
          const note = document.createElement("span");
          note.className = "cb-soft";
          note.textContent = choice.enabled ? (choice.note ?? "") : word("palette.disabled");
          line.append(note);
        }
        return line;
      }),
    );
    (this.dialog.querySelector(".cb-palette-empty") as HTMLElement).hidden = this.choices.length > 0;
    this.mark();
  }

  private mark(): void {
    [...this.list.children].forEach((line, index) => {
      line.setAttribute("aria-selected", String(index === this.at));
    });
    const line = this.list.children[this.at];
    if (line) {
      this.input.setAttribute("aria-activedescendant", line.id);
      line.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  private key(event: KeyboardEvent): void {
    const count = this.choices.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (count) this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + count) % count;
      this.mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.take(this.at);
    } else if (this.only && !this.input.value && /^[1-9]$/.test(letterOf(event)) && this.choices[Number(letterOf(event)) - 1]) {
      event.preventDefault();
      this.take(Number(letterOf(event)) - 1);
    }
  }

  private take(index: number): void {
    const choice = this.choices[index];
    if (!choice?.enabled) return;
    this.dialog.close();
    choice.run();
  }
}
