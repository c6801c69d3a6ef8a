// A manager has signed the agent out: who and when, standing until the agent comes back by an act of their own.

import { clear, stand } from "./notices";
import { word } from "./words";

/** As the toolbar says; `back` comes back. */
export function showOut(bar: HTMLElement | null, back: (url: string) => void): void {
  const { outWords, backUrl } = bar?.dataset ?? {};
  if (!outWords || !backUrl) {
    clear("out");
    return;
  }
  stand("out", { title: outWords, text: word("out.more"), action: { words: word("out.back"), run: () => back(backUrl) } });
}
