// Colleagues' states in the open directory: events bring them, line by line, without asking the server.

import { draw } from "../live/clock";
import type { LiveEvent } from "../live/wire";

/** The topic of all agents' states. */
export const COLLEAGUES = "colleagues";

export interface Said {
  sign: string;
  words: string;
}

interface Now {
  agent: string;
  state: string;
  reason: string;
  /** Seconds since 1970. */
  since: number;
}

/** Which agent is in which state from now on, or null where an event says nothing of that. */
export function stateIn(event: LiveEvent): Now | null {
  const { agent, state, reason, since, offered_at } = event.body;
  if (event.kind === "routing.agent_state_changed")
    return { agent: String(agent), state: String(state), reason: reason ? String(reason) : "", since: Number(since) };
  if (event.kind === "routing.offer_made") return { agent: String(agent), state: "offered", reason: "", since: Number(offered_at) };
  return null;
}

/** Put an agent's state into the line that shows the agent; nothing moves, and who has the focus keeps it. */
export function follow(root: ParentNode, event: LiveEvent): void {
  const now = stateIn(event);
  const line = now ? root.querySelector<HTMLElement>(`#targets [data-key="a${now.agent}"]`) : null;
  if (!now || !line) return;
  const block = root.querySelector("#directory-words")?.textContent;
  const words = JSON.parse(block ?? "{}") as Record<string, Said>;
  const said = words[`${now.state}:${now.reason}`] ?? words[now.state];
  const sign = line.querySelector<HTMLElement>("[data-state]");
  const text = line.querySelector<HTMLElement>("[data-said]");
  const button = line.querySelector<HTMLButtonElement>("button");
  if (!said || !sign || !text || !button) return;
  sign.dataset.state = said.sign;
  text.textContent = said.words;
  button.disabled = now.state !== "ready";
  const time = line.querySelector<HTMLElement>("time") ?? text.parentElement?.appendChild(document.createElement("time"));
  if (time) time.dataset.since = String(Math.round(now.since * 1000));
  draw(line);
}
