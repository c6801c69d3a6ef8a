// The time of a break is over: a reminder that stands until it is seen or the state changes, and one short sound.

import { clear, stand } from "./notices";
import { word } from "./words";

const SOUNDED = "cb-over";

export interface Reminded {
  /** Sound the reminder. */
  chime(): void;
  /** Tell the server that it was seen; the fresh toolbar takes the reminder away. */
  seen(url: string): void;
}

/** As the toolbar says. A reload shows it again, but does not sound again. */
export function showOver(bar: HTMLElement | null, now: Reminded): void {
  const { over, overWords, seenUrl } = bar?.dataset ?? {};
  if (!over || !overWords || !seenUrl) {
    clear("over");
    return;
  }
  stand("over", { title: overWords, text: word("over.more"), action: { words: word("over.seen"), run: () => now.seen(seenUrl) } });
  if (sessionStorage.getItem(SOUNDED) === over) return;
  sessionStorage.setItem(SOUNDED, over);
  now.chime();
}
