// Messages from a manager: each stands over the stage until it is read, and its sender sees the receipts come in.

import type { LiveClient } from "../live/client";
import { clear, stand } from "./notices";
import { post } from "./requests";
import { word } from "./words";

interface Message {
  id: number;
  title: string;
  text: string;
  /** Where its reading is told; empty: it is put away here alone. */
  url: string;
}

const SENT = "routing.broadcast_sent";
const READ = "routing.broadcast_read";
/** Somebody is asked to approve something, or has the answer. */
const APPROVALS = new Set(["interactions.approval_asked", "interactions.approval_settled", "interactions.approval_seen"]);

export class Broadcasts {
  private readonly shown = new Set<number>();
  private readonly away = new Set<number>();

  constructor(
    private readonly url: string,
    private readonly user: string,
    private readonly ask: (url: string) => Promise<Message[]> = unread,
    private readonly acknowledge: (url: string) => Promise<boolean> = post,
  ) {}

  /** `afresh` reads the list of what was sent once more; many receipts at once are one reading. */
  listen(live: LiveClient, afresh: () => void): void {
    let later = 0;
    live.listen({
      event: ({ kind, body }) => {
        if (kind === SENT && (body.readers as number[]).some((one) => String(one) === this.user)) void this.look();
        if (APPROVALS.has(kind) && [body.approver, body.asked_by].some((one) => String(one) === this.user)) {
          void this.look();
          window.clearTimeout(later);
          later = window.setTimeout(afresh, 300);
        }
        // Read in another window of the same person.
        if (kind === READ && String(body.reader) === this.user) this.gone(Number(body.broadcast));
        if ((kind === READ || kind === SENT) && String(body.sender) === this.user) {
          window.clearTimeout(later);
          later = window.setTimeout(afresh, 300);
        }
      },
      reload: () => void this.look(),
    });
  }

  /** Show what waits, and take away what was read meanwhile. */
  async look(): Promise<void> {
    const messages = await this.ask(this.url);
    const ids = new Set(messages.map((one) => one.id));
    for (const id of this.shown) if (!ids.has(id)) this.gone(id);
    for (const one of messages) {
      if (this.away.has(one.id)) continue;
      this.shown.add(one.id);
      stand(`broadcast-${one.id}`, {
        title: one.title,
        text: one.text,
        action: { words: word("broadcast.read"), run: () => void this.read(one) },
      });
    }
  }

  private async read(one: Message): Promise<void> {
    if (one.url && !(await this.acknowledge(one.url))) return;
    if (!one.url) this.away.add(one.id);
    this.gone(one.id);
    // There may be more than are shown at a time.
    await this.look();
  }

  private gone(id: number): void {
    this.shown.delete(id);
    clear(`broadcast-${id}`);
  }
}

async function unread(url: string): Promise<Message[]> {
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    return answer.ok && !answer.redirected ? ((await answer.json()) as { messages: Message[] }).messages : [];
  } catch (problem) {
    console.warn("messages:", problem);
    return [];
  }
}
