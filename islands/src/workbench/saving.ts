// A draft is saved as one goes: half a second after the last change, before a page that follows, and never over what somebody else has saved.

import { cookie } from "../desk/cookie";
import { failed } from "../desk/requests";
import type { Both } from "./both";
import type { Answer, Body, Editor } from "./types";

const AFTER = 500;

export interface SavingHooks {
  /** The server has taken it, and says this of it. */
  answered: (answer: Answer) => void;
  /** Somebody else has saved meanwhile. */
  met: (given: Both) => void;
  /** The page is another one now. */
  gone: () => boolean;
}

export class Saving {
  private revision: number;
  private kept: Body;
  private timer = 0;
  private saving: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly given: Editor,
    private readonly body: () => Body,
    private readonly hooks: SavingHooks,
  ) {
    this.kept = given.body;
    this.revision = given.revision;
    window.addEventListener("beforeunload", this.leaving);
    // What was typed last goes along before the next page comes, so that publishing publishes it.
    document.addEventListener("htmx:confirm", this.before);
  }

  /** Something has changed: it is saved in a moment. */
  soon(): void {
    this.show(this.given.words.saving ?? "");
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), AFTER);
  }

  /** Save what is not saved yet; true when all of it is. */
  async save(): Promise<boolean> {
    window.clearTimeout(this.timer);
    while (this.saving) await this.saving;
    if (this.kept === this.body() || this.stopped) return this.kept === this.body();
    this.saving = this.send(this.body());
    await this.saving;
    this.saving = null;
    if (this.kept !== this.body() && !this.stopped) return this.save();
    return this.kept === this.body();
  }

  private async send(body: Body): Promise<void> {
    let response: Response;
    try {
      response = await fetch(this.given.save, {
        method: "POST",
        body: JSON.stringify({ policy: this.given.policy, revision: this.revision, body }),
        headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") },
        credentials: "same-origin",
      });
    } catch {
      this.stop(this.given.words.unsaved ?? "");
      failed(0);
      return;
    }
    if (response.status === 409) {
      this.stopped = true;
      this.show(this.given.words.unsaved ?? "", true);
      this.hooks.met((await response.json()) as Both);
      return;
    }
    if (response.status === 422) {
      const { problem } = (await response.json()) as { problem: string };
      this.stop(`${this.given.words.unsaved}: ${problem}`);
      return;
    }
    if (!response.ok || response.redirected) {
      this.stop(this.given.words.unsaved ?? "");
      failed(response.redirected ? 401 : response.status);
      return;
    }
    const answer = (await response.json()) as Answer;
    this.kept = body;
    this.revision = answer.revision;
    for (const input of document.querySelectorAll<HTMLInputElement>("[data-revision]")) input.value = String(answer.revision);
    if (this.kept === this.body()) this.show(this.given.words.saved ?? "");
    this.hooks.answered(answer);
  }

  /** Not saved, and not tried again until the next change. */
  private stop(text: string): void {
    this.stopped = true;
    this.show(text, true);
    window.setTimeout(() => {
      this.stopped = false;
    });
  }

  private show(text: string, bad = false): void {
    const sign = document.getElementById("policy-saved");
    if (!sign) return;
    sign.textContent = text;
    sign.classList.toggle("cb-bad", bad);
  }

  private readonly leaving = (event: BeforeUnloadEvent) => {
    if (!this.hooks.gone() && this.kept !== this.body()) event.preventDefault();
  };

  private readonly before = (event: Event) => {
    if (this.hooks.gone()) {
      document.removeEventListener("htmx:confirm", this.before);
      window.removeEventListener("beforeunload", this.leaving);
      return;
    }
    if (this.kept === this.body() && !this.saving) return;
    const { elt, issueRequest } = (event as CustomEvent<{ elt: Element; issueRequest(skip: boolean): void }>).detail;
    if (!elt.closest("#stage, #nav, dialog")) return;
    event.preventDefault();
    void this.save().then((done) => {
      if (done) issueRequest(true);
    });
  };

  /** Nothing was chosen between two texts: what is here stays unsaved until the next change. */
  later(): void {
    this.stopped = false;
  }

  /** Go on from what the other one saved: what is on the screen then is saved over it. */
  goOn(given: Both): void {
    this.stopped = false;
    this.revision = given.revision;
    this.kept = { ...given.theirs }; // saved once more, for the sentences
  }
}
