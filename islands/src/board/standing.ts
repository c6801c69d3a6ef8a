// Usual handling times, which no event tells: they move slowly. Asked now and then.

import type { Handling } from "./estimate";

/** By the queue's id. */
export type Times = Record<string, Handling>;

const EVERY = 30_000;

/** Ask `url` now and then while the page is seen; at once by calling what this returns. A failure keeps what was known: the next time is soon. */
export function follow(url: () => string | undefined, take: (times: Times) => void): () => void {
  const ask = async (): Promise<void> => {
    const address = url();
    if (!address || document.hidden) return;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (answer.ok && !answer.redirected) take(((await answer.json()) as { times: Times }).times);
    } catch (problem) {
      console.warn("standing:", problem);
    }
  };
  window.setInterval(() => void ask(), EVERY);
  return () => void ask();
}
