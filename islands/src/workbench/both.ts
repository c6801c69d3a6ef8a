// Two people saved the same draft: what each would have, and the choice between them.

import { element } from "../conditions/dom";
import type { Body, Words } from "./types";
import { filled } from "./types";

export interface Both {
  problem: string;
  theirs: Body;
  revision: number;
  by: string;
  /** What mine changes in theirs. The sentences are markup, escaped by the server. */
  pieces: { what: string; name: string; was: string; now: string; fields: [string, string, string][] }[];
}

export function showBoth(given: Both, words: Words, chosen: (keep: "mine" | "theirs" | "later") => void): void {
  const dialog = document.getElementById("policy-both") as HTMLDialogElement | null;
  if (!dialog) return;
  let keep: "mine" | "theirs" | "later" = "later";
  const head = element("header", "");
  head.append(Object.assign(element("h2", ""), { id: "policy-both-title", textContent: words.stale ?? "" }));
  const inner = element("div", "cb-dialog-body");
  inner.append(Object.assign(element("p", ""), { textContent: `${filled(words.by, { who: given.by })}. ${words.stale_more}` }));
  const list = element("ul", "cb-pieces cb-both");
  for (const piece of given.pieces) {
    const line = element("li", "");
    const text = element("div", "");
    text.append(Object.assign(element("b", ""), { textContent: piece.name }));
    for (const [side, name] of [
      [piece.was, words.theirs],
      [piece.now, words.mine],
    ] as const) {
      if (!side) continue;
      const paragraph = element("p", "");
      paragraph.append(Object.assign(element("span", "cb-soft"), { textContent: `${name}: ` }));
      paragraph.insertAdjacentHTML("beforeend", side);
      text.append(paragraph);
    }
    for (const [field, theirs, mine] of piece.fields) {
      const paragraph = element("p", "");
      paragraph.append(Object.assign(element("span", "cb-soft"), { textContent: `${field}. ` }));
      for (const [value, name] of [
        [theirs, words.theirs],
        [mine, words.mine],
      ])
        paragraph.append(Object.assign(element("span", "cb-soft"), { textContent: `${name}: ` }), `${value || "–"} `);
      text.append(paragraph);
    }
    line.append(text);
    list.append(line);
  }
  const foot = element("div", "cb-form-foot");
  for (const [text, kind, which] of [
    [words.take_theirs, "btn cb-btn cb-btn-go", "theirs"],
    [words.keep_mine, "btn cb-btn", "mine"],
  ] as const) {
    const button = element("button", kind);
    button.type = "button";
    button.textContent = text ?? "";
    button.addEventListener("click", () => {
      keep = which;
      dialog.close();
    });
    foot.append(button);
  }
  inner.append(list, foot);
  dialog.replaceChildren(head, inner);
  // Left by Escape, nothing is chosen and nothing lost: the next change asks again.
  dialog.addEventListener("close", () => chosen(keep), { once: true });
  dialog.showModal();
}
