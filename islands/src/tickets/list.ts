// A list of rows under the keyboard: J and K (or the arrows) go, X chooses, Enter opens, / searches, T takes, W follows, C changes. Rows that change meanwhile
// do not jump under the pointer.

import htmx from "htmx.org";
import { isTyping } from "../desk/keyboard";
import { letterOf, singleKeys } from "../desk/letters";
import { startFilter } from "./filter";

/** What many changes at once ask of the server: at most one list in so many milliseconds, and a little by chance, so that not all pages ask at once. */
const AT_MOST_EVERY = 4_000;
const BY_CHANCE = 1_500;

export function next(count: number, now: number, step: number): number {
  if (count === 0) return -1;
  if (now < 0) return step > 0 ? 0 : count - 1;
  return Math.min(count - 1, Math.max(0, now + step));
}

export class TicketList {
  private seen: HTMLElement | null = null;
  private all = false;
  private asked = 0;
  private soon = 0;
  private at = 0;

  constructor(private readonly root: Document) {
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("change", (event) => this.changed(event.target as HTMLElement));
    root.addEventListener("click", (event) => this.pressed(event));
    root.addEventListener("cb:live", (event) => this.heard((event as CustomEvent<{ topics: string[] }>).detail.topics));
    root.addEventListener("tickets-changed", () => void this.refresh());
    root.addEventListener("htmx:configRequest", (event) => this.fill(event as CustomEvent<{ elt: Element; parameters: FormData }>));
  }

  /** After anything was put into the page. */
  look(): void {
    startFilter(this.root);
    const list = this.list;
    if (!list || list === this.seen) return;
    this.seen = list;
    this.all = false;
    this.at = -1;
    void this.show();
  }

  private get list(): HTMLElement | null {
    return this.root.getElementById("ticket-list");
  }

  private get rows(): HTMLTableRowElement[] {
    return [...(this.list?.querySelectorAll<HTMLTableRowElement>("tr[data-ticket]") ?? [])];
  }

  private boxes(): HTMLInputElement[] {
    return [...(this.list?.querySelectorAll<HTMLInputElement>('input[name="ids"]') ?? [])];
  }

  // ---- keys -----------------------------------------------------------------------------------------------------

  private key(event: KeyboardEvent): void {
    if (!this.list || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const active = this.root.activeElement;
    if (isTyping(active) || this.root.querySelector("dialog[open]")) return;
    const rows = this.rows;
    const letter = singleKeys() || event.key.length > 1 ? letterOf(event) : "";
    const step = { J: 1, ArrowDown: 1, K: -1, ArrowUp: -1 }[letter];
    const here = rows.findIndex((row) => row.contains(active));
    if (here >= 0) this.at = here;
    if (step) {
      const to = rows[next(rows.length, this.at, step)];
      if (!to) return;
      this.at = rows.indexOf(to);
      to.querySelector<HTMLAnchorElement>(".cb-ticket-title a")?.focus();
      to.scrollIntoView({ block: "nearest" });
    } else if (letter === "X" && rows[this.at]) {
      const box = rows[this.at]?.querySelector<HTMLInputElement>('input[name="ids"]');
      if (!box) return;
      box.checked = !box.checked;
      void this.show();
    } else if ((letter === "T" || letter === "W") && rows[this.at]) {
      void this.act(this.at, letter === "T" ? "give" : "watch");
    } else if (letter === "C" && (rows[this.at] || this.chosen())) {
      void this.change(this.at);
    } else if (letter === "/") {
      const field = this.root.getElementById("ticket-search");
      if (!(field instanceof HTMLInputElement)) return;
      field.focus();
      field.select();
    } else return;
    event.preventDefault();
  }

  /** One's own from now on, or followed: as the buttons of the ticket's page do it. The row stays under the keyboard. */
  private async act(at: number, verb: "give" | "watch"): Promise<void> {
    const href = this.rows[at]?.querySelector<HTMLAnchorElement>(".cb-ticket-title a")?.getAttribute("href");
    if (!href) return;
    await htmx.ajax("post", `${href}do/${verb}/`, { source: this.list ?? "body", swap: "none", values: {} });
    await this.refresh();
    const row = this.rows[Math.min(at, this.rows.length - 1)];
    this.at = row ? this.rows.indexOf(row) : -1;
    row?.querySelector<HTMLAnchorElement>(".cb-ticket-title a")?.focus();
  }

  /** To what the chosen ones may become; without any chosen, the one at hand is. */
  private async change(at: number): Promise<void> {
    const box = this.rows[at]?.querySelector<HTMLInputElement>('input[name="ids"]');
    if (!this.chosen() && box) box.checked = true;
    if (!this.chosen()) return;
    await this.show();
    this.root.querySelector<HTMLSelectElement>('#ticket-chosen-form select[name="change"]')?.focus();
  }

  // ---- choosing -------------------------------------------------------------------------------------------------

  private changed(target: HTMLElement): void {
    if (target instanceof HTMLSelectElement && target.matches("[data-goes]")) {
      htmx.ajax("get", target.value, { target: "#ticket-list", swap: "outerHTML" });
      history.pushState({}, "", target.value);
    } else if (target.id === "ticket-page") {
      for (const box of this.boxes()) box.checked = (target as HTMLInputElement).checked;
      this.all = false;
      void this.show();
    } else if (target instanceof HTMLInputElement && target.name === "ids") {
      this.all = false;
      void this.show();
    }
  }

  private pressed(event: Event): void {
    const id = (event.target as Element).closest("button")?.id;
    if (id === "ticket-choose-all") this.all = true;
    else if (id === "ticket-choose-none") {
      this.all = false;
      for (const box of this.boxes()) box.checked = false;
    } else if (id === "ticket-fresh") void this.refresh();
    else return;
    void this.show();
  }

  private chosen(): number {
    return this.boxes().filter((box) => box.checked).length;
  }

  private async show(): Promise<void> {
    const bar = this.root.getElementById("ticket-chosen");
    const count = this.root.getElementById("ticket-chosen-count");
    if (!bar || !count) return;
    const many = this.chosen();
    bar.hidden = many === 0 && !this.all;
    const { one = "", many: words = "", all = "" } = count.dataset;
    count.textContent = this.all ? all : many === 1 ? one : words.replace("{n}", String(many));
    const everything = this.root.getElementById("ticket-all");
    if (everything instanceof HTMLInputElement) everything.checked = this.all;
    const page = this.root.getElementById("ticket-page");
    if (page instanceof HTMLInputElement) page.checked = many > 0 && many === this.boxes().length;
    for (const row of this.rows) row.classList.toggle("cb-row-chosen", row.querySelector<HTMLInputElement>('input[name="ids"]')?.checked);
    const form = this.root.getElementById("ticket-chosen-form");
    if (!bar.hidden && form && !form.childElementCount && !form.dataset.asked) {
      form.dataset.asked = "1";
      await htmx.ajax("get", this.list?.dataset.form ?? "", { target: form, swap: "innerHTML" });
    }
  }

  /** The filter that is shown goes along with what is asked for all that fit. */
  private fill(event: CustomEvent<{ elt: Element; parameters: FormData }>): void {
    const { elt, parameters } = event.detail;
    if (elt.id !== "ticket-chosen") return;
    const filter = new URL(this.list?.dataset.self ?? "", location.href).searchParams.get("filter");
    if (filter) parameters.set("filter", filter);
    this.all = false;
    for (const box of this.boxes()) box.checked = false;
    void this.show();
  }

  // ---- what changes meanwhile -----------------------------------------------------------------------------------

  private heard(topics: string[]): void {
    const listens = (this.list?.dataset.listens ?? "").split(" ");
    const own = `user:${this.root.body.dataset.user}`;
    if (!this.list || !topics.some((topic) => listens.includes(topic) || topic === own)) return;
    if (this.soon) return;
    const wait = Math.max(300, this.asked + AT_MOST_EVERY - Date.now()) + Math.random() * BY_CHANCE;
    this.soon = window.setTimeout(() => {
      this.soon = 0;
      this.asked = Date.now();
      if (this.busy()) {
        this.counts();
        const fresh = this.root.getElementById("ticket-fresh");
        if (fresh) fresh.hidden = false;
      } else void this.refresh();
    }, wait);
  }

  /** Somebody is at the rows: they stay as they are until asked for. */
  private busy(): boolean {
    const table = this.list?.querySelector("table");
    const more = this.list?.querySelectorAll("tr.cb-more, tr[data-ticket]").length ?? 0;
    return Boolean(
      this.chosen() ||
        table?.matches(":hover") ||
        table?.contains(this.root.activeElement) ||
        this.root.getElementById("ticket-filter-form") ||
        more > 60,
    );
  }

  private counts(): void {
    const views = this.root.getElementById("ticket-views");
    if (views) htmx.trigger(views, "ticket-counts", {});
  }

  async refresh(): Promise<void> {
    const url = this.list?.dataset.self;
    if (!url) return;
    this.counts();
    await htmx.ajax("get", url, { target: "#ticket-list", swap: "outerHTML" });
  }
}
