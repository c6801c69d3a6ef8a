// What the board shows beside queues and agents and what no event tells: usual handling times, trunks, running recordings. Asked every ten seconds.

import type { Handling } from "./estimate";

export interface Standing {
  times: Record<string, Handling>;
  trunks: string;
  down: boolean;
  recordings: string;
}

const EVERY = 10_000;

/** Ask `url` now and then while the page is seen and `wanted` says that it is shown; at once by calling what this returns. A failure keeps what was known: the next time is soon. */
export function follow(url: () => string | undefined, take: (standing: Standing) => void): () => void {
  const ask = async (): Promise<void> => {
    const address = url();
    if (!address || document.hidden) return;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (answer.ok && !answer.redirected) take((await answer.json()) as Standing);
    } catch (problem) {
      console.warn("standing:", problem);
    }
  };
  window.setInterval(() => void ask(), EVERY);
  return () => void ask();
}
