import { describe, expect, it } from "vitest";
import { follow, stateIn } from "../src/desk/directory";
import type { LiveEvent } from "../src/live/wire";

const event = (kind: string, body: Record<string, unknown>): LiveEvent => ({
  id: 1,
  kind,
  version: 1,
  at: "",
  actor: "",
  topics: ["colleagues"],
  body,
});
const changed = (state: string, reason: string | null = null): LiveEvent =>
  event("routing.agent_state_changed", { agent: 7, state, reason, since: 1000.5 });
const WORDS = {
  ready: { sign: "ready", words: "Ready" },
  offered: { sign: "offered", words: "Ringing" },
  "not_ready:break": { sign: "break", words: "Break" },
  not_ready: { sign: "notready", words: "Not ready" },
};

function page(): { line: HTMLElement; button: HTMLButtonElement; words: () => string } {
  document.body.innerHTML = `<script type="application/json" id="directory-words">${JSON.stringify(WORDS)}</script>
    <ul id="targets"><li data-key="a7"><button><span data-state="ready">Anna</span><span data-says><span data-said>Ready</span> <time data-since="1"></time></span></button></li>
    <li data-key="a8"><button><span data-state="ready">Bob</span><span data-says><span data-said>Ready</span></span></button></li></ul>`;
  const line = document.querySelector("[data-key=a7]") as HTMLElement;
  return {
    line,
    button: line.querySelector("button") as HTMLButtonElement,
    words: () => line.querySelector("[data-said]")?.textContent ?? "",
  };
}

describe("the directory", () => {
  it("says what a colleague does now, and whether the call can go there", () => {
    const { line, button, words } = page();
    follow(document, changed("not_ready", "break"));
    expect([words(), line.querySelector<HTMLElement>("[data-state]")?.dataset.state, button.disabled]).toEqual(["Break", "break", true]);
    expect(line.querySelector("time")?.dataset.since).toBe("1000500");
    follow(document, changed("not_ready", "a reason that came later"));
    expect(words()).toBe("Not ready");
    follow(document, event("routing.offer_made", { agent: 7, offered_at: 2000 }));
    expect([words(), button.disabled]).toEqual(["Ringing", true]);
    follow(document, changed("ready"));
    expect([words(), button.disabled]).toEqual(["Ready", false]);
    expect(document.querySelector("[data-key=a8] [data-said]")?.textContent).toBe("Ready");
  });

  it("leaves who is not shown, and what it does not know, alone", () => {
    const { words } = page();
    follow(document, event("routing.agent_state_changed", { agent: 99, state: "talking", reason: null, since: 1 }));
    follow(document, changed("dreaming"));
    follow(document, event("routing.entered", { agent: 7 }));
    expect(words()).toBe("Ready");
    expect(stateIn(event("routing.entered", { agent: 7 }))).toBeNull();
  });
});
