// A ticket's page: what is written is kept as it is typed, files are attached, colleagues see who is looking.

import { Completion, cleaned, type Offer, put } from "./complete";
import { cookie } from "./cookie";
import { browserStore, Pad } from "./pad";
import { failed } from "./requests";

const changedIn = (part: Element): boolean =>
  [...part.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>("input:not([type=hidden]), select, textarea")].some(
    (one) =>
      one instanceof HTMLSelectElement
        ? [...one.options].some((each) => each.selected !== each.defaultSelected)
        : one.value !== one.defaultValue,
  );

const HEARD = 20_000;
/** So long after the last key somebody still writes. */
const WRITES = 15_000;
const CHANGES = "cb-ticket-changes";

interface Answered {
  elt: Element;
  successful: boolean;
  requestConfig: { verb: string };
  xhr: XMLHttpRequest;
}

export interface TicketPage {
  /** Read afresh what follows what happens. */
  again(): void;
}

/** The page in the stage, if it is a ticket's. */
const place = (root: Document): HTMLElement | null => root.querySelector<HTMLElement>("[data-ticket]");

export class TicketDesk {
  private readonly draft: Pad;
  private here = "";
  private typed = 0;
  /** What stands in the editor was begun when these messages were known. */
  private begun = false;

  constructor(
    private readonly root: Document,
    private readonly page: TicketPage,
  ) {
    this.draft = new Pad(root, browserStore("cb-ticket:"), undefined, { area: "#ticket-text", kept: "ticket-kept" });
  }

  start(): void {
    this.draft.start();
    new Completion(this.root, "#ticket-text", {
      signs: () => (this.kind() === "note" ? "@/" : "/"),
      ask: (sign, query) => this.offers(sign, query),
    }).start();
    this.root.addEventListener("paste", (event) => this.paste(event));
    this.root.addEventListener("dragover", (event) => {
      if (this.dropped(event)) event.preventDefault();
    });
    this.root.addEventListener("drop", (event) => {
      const files = this.dropped(event);
      if (!files) return;
      event.preventDefault();
      void this.attach(files);
    });
    this.root.addEventListener("click", (event) => {
      const target = event.target as Element;
      if (target.closest("[data-fields-close]")) this.closeFields(event);
      this.nextAct(event);
      const button = target.closest("#ticket-changes");
      if (!button) return;
      localStorage.setItem(CHANGES, button.getAttribute("aria-pressed") === "true" ? "0" : "1");
      this.showChanges();
    });
    this.root.addEventListener("input", (event) => {
      if ((event.target as Element).id !== "ticket-text") return;
      this.begin();
      const began = Date.now() - this.typed > WRITES;
      this.typed = Date.now();
      if (began) void this.say();
    });
    this.root.addEventListener("change", (event) => {
      const field = event.target as HTMLInputElement;
      if (field.form?.id === "ticket-write" && field.name === "kind") this.show();
      if (field.id === "ticket-file") void this.attach(field.files).then(() => (field.value = ""));
    });
    this.root.addEventListener("htmx:afterRequest", (event) => {
      const { elt, successful, requestConfig, xhr } = (event as CustomEvent<Answered>).detail;
      if (requestConfig.verb === "get" || !successful || !place(this.root)) return;
      if (elt.id === "ticket-write") this.sent(elt as HTMLFormElement);
      const fields = this.root.getElementById("ticket-fields");
      if (fields?.contains(elt) && xhr.status === 204) {
        fields.replaceChildren();
        this.root.querySelector<HTMLElement>('#ticket-acts [data-command="change"]')?.focus();
      }
      this.page.again();
    });
    // Somebody has written meanwhile, and was shown: what is sent now is sent knowing it.
    this.root.addEventListener("cb:seen", (event) => this.know(Number((event as CustomEvent<{ value: number }>).detail.value)));
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("htmx:afterSettle", () => this.look());
    window.addEventListener("pagehide", () => this.leave());
    window.setInterval(() => void this.say(), HEARD);
    this.look();
  }

  /** Another page may stand in the stage now. */
  private look(): void {
    const url = place(this.root)?.dataset.here ?? "";
    if (url === this.here) return;
    this.leave();
    this.here = url;
    if (!url) return;
    this.typed = 0;
    this.begun = Boolean(this.root.querySelector<HTMLTextAreaElement>("#ticket-text")?.value);
    this.show();
    this.showChanges();
    this.draft.placed();
    const thread = this.root.getElementById("ticket-thread");
    if (thread) thread.scrollTop = thread.scrollHeight;
    void this.say();
  }

  /** Whether what became of the ticket stands between what was written: as this person had it last. */
  private showChanges(): void {
    const on = localStorage.getItem(CHANGES) !== "0";
    this.root.getElementById("ticket-changes")?.setAttribute("aria-pressed", String(on));
    const page = place(this.root);
    if (page) page.dataset.changes = on ? "1" : "0";
  }

  private kind(): string {
    const form = this.root.getElementById("ticket-write");
    return form instanceof HTMLFormElement ? String(new FormData(form).get("kind") ?? "reply") : "reply";
  }

  /** Colleagues who see this ticket, or solutions in the customer's language. */
  private async offers(sign: string, query: string): Promise<Offer[]> {
    const url = place(this.root)?.dataset.completions;
    if (!url) return [];
    const response = await fetch(`${url}?${new URLSearchParams({ sign, q: query })}`, {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    if (!response.ok || response.redirected) return [];
    return ((await response.json()) as { found: Offer[] }).found;
  }

  /** Pictures are attached; text comes without what pages and documents have in it. */
  private paste(event: ClipboardEvent): void {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement) || area.id !== "ticket-text") return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const files = event.clipboardData?.files;
    if (!text && files?.length) {
      event.preventDefault();
      void this.attach(files);
    } else if (text && cleaned(text) !== text) {
      event.preventDefault();
      put(area, cleaned(text));
    }
  }

  private dropped(event: DragEvent): FileList | null {
    const form = (event.target as Element | null)?.closest?.("#ticket-write");
    return form && event.dataTransfer?.types.includes("Files") ? event.dataTransfer.files : null;
  }

  /** Who begins to write has seen what stands in the conversation then. */
  private begin(): void {
    if (this.begun) return;
    this.begun = true;
    const known = [...this.root.querySelectorAll("#ticket-thread [id^=message-]")].map((one) => Number(one.id.slice("message-".length)));
    this.know(Math.max(0, ...known));
  }

  private know(message: number): void {
    const field = this.root.querySelector<HTMLInputElement>("#ticket-write [name=seen]");
    if (field && message > Number(field.value)) field.value = String(message);
  }

  /** Reply, note or what the customer said: what belongs to the others is away. */
  private show(): void {
    const form = this.root.getElementById("ticket-write");
    const area = this.root.querySelector<HTMLTextAreaElement>("#ticket-text");
    if (!(form instanceof HTMLFormElement) || !area) return;
    const kind = this.kind();
    for (const one of form.querySelectorAll<HTMLElement>("[data-for]")) one.hidden = one.dataset.for !== kind;
    area.dataset.saveReply ??= area.dataset.save;
    const { saveReply, saveNote, saveReceived } = area.dataset;
    area.dataset.save = kind === "note" ? saveNote : kind === "received" ? saveReceived : saveReply;
  }

  private sent(form: HTMLFormElement): void {
    const area = form.querySelector<HTMLTextAreaElement>("#ticket-text");
    if (!area) return;
    this.draft.drop();
    area.value = "";
    area.defaultValue = "";
    this.typed = 0;
    this.begun = false;
    const kept = this.root.getElementById("ticket-kept");
    if (kept) kept.textContent = "";
    this.show();
    // Whoever has gone on to something else meanwhile stays there.
    if (form.contains(this.root.activeElement)) area.focus();
  }

  private async attach(files: FileList | null): Promise<void> {
    const url = place(this.root)?.dataset.attach;
    if (!url) return;
    for (const file of [...(files ?? [])]) {
      const body = new FormData();
      body.append("file", file);
      try {
        const response = await fetch(url, {
          method: "POST",
          body,
          headers: { "X-CSRFToken": cookie("csrftoken") },
          credentials: "same-origin",
        });
        if (response.redirected || !response.ok)
          failed(response.redirected ? 401 : response.status, response.redirected ? "" : await response.text());
      } catch {
        failed(0);
      }
    }
    this.page.again();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing && (event.target as Element).id === "ticket-text") {
      event.preventDefault();
      this.send();
      return;
    }
    if (event.key === "Escape") this.closeFields(event);
  }

  /** The form of fields goes away unless something was changed in it; the focus goes back to where it was opened. */
  private closeFields(event: Event): void {
    const fields = this.root.getElementById("ticket-fields");
    if (!fields?.contains(event.target as Element) || (event instanceof KeyboardEvent && changedIn(fields))) return;
    event.preventDefault();
    fields.replaceChildren();
    this.root.querySelector<HTMLElement>('#ticket-acts [data-command="change"]')?.focus();
  }

  /** The next of the six acts is done at a place of this page: there the focus goes. */
  private nextAct(event: Event): void {
    const href = (event.target as Element).closest("[data-next-act]")?.getAttribute("href") ?? "";
    const meant = href.startsWith("#") ? this.root.getElementById(href.slice(1)) : null;
    if (!meant) return;
    event.preventDefault();
    meant.focus();
  }

  /** As the button would that stands there for a reply, or for a note. */
  private send(): void {
    const form = this.root.getElementById("ticket-write");
    if (!(form instanceof HTMLFormElement)) return;
    const button = [...form.querySelectorAll<HTMLButtonElement>("button[type=submit]")].find((one) => !one.hidden);
    if (button && !button.disabled) form.requestSubmit(button);
  }

  private async say(): Promise<void> {
    if (this.here && !this.root.hidden) await this.post(this.here, { writes: Date.now() - this.typed < WRITES ? "1" : "0" });
  }

  private leave(): void {
    if (this.here) void this.post(this.here, { gone: "1" });
    this.here = "";
  }

  /** Who looks is nothing to trouble anybody with when it cannot be told. */
  private async post(url: string, values: Record<string, string>): Promise<void> {
    try {
      await fetch(url, {
        method: "POST",
        body: new URLSearchParams(values),
        headers: { "X-CSRFToken": cookie("csrftoken") },
        credentials: "same-origin",
        keepalive: true,
      });
    } catch (problem) {
      console.warn("ticket:", problem);
    }
  }
}
