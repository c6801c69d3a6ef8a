// The shell of a signed-in person: the live line, the telephone, the desk, the keyboard.

import htmx from "htmx.org";
import { startBoardMenus } from "./board/menus";
import { startBoardPage } from "./board/page";
import { startBoards } from "./board/values";
import { dialAddress, heard, openBox, startBox, touched } from "./desk/box";
import { Broadcasts } from "./desk/broadcasts";
import { startCalendar } from "./desk/calendar";
import { follow as followColleague } from "./desk/directory";
import { startFields } from "./desk/fields";
import { startGoing } from "./desk/going";
import { startKeys } from "./desk/keys";
import { lineNotices } from "./desk/line";
import { startMarkup } from "./desk/markup";
import { startMenus } from "./desk/menus";
import { arrive, tell } from "./desk/notices";
import { showOut } from "./desk/out";
import { showOver } from "./desk/over";
import { Pad } from "./desk/pad";
import { fragmentsUrl } from "./desk/place";
import { startPlayers } from "./desk/player";
import { failed, post, signedOut } from "./desk/requests";
import { Ringing } from "./desk/ringing";
import { startSound } from "./desk/sound";
import { showMicrophone, showQuality, showStanding } from "./desk/telephone";
import { startTheme } from "./desk/theme";
import { TicketDesk } from "./desk/ticket";
import { presses } from "./desk/tools";
import { startTrail } from "./desk/trail";
import { word } from "./desk/words";
import { LiveClient } from "./live/client";
import { draw, drawBars, setServerTime, startClock } from "./live/clock";
import { arriveFocus, startFocus } from "./live/focus";
import { Fragments, isOwnEcho } from "./live/fragments";
import { Lists } from "./live/lists";
import { holdsWork } from "./live/morph";
import { Phone } from "./softphone/phone";
import type { RingTone } from "./softphone/sounds";

const shell = document.getElementById("shell") as HTMLElement;
const user = document.body.dataset.user ?? "";
const ringTone = (): RingTone => (shell.dataset.ring as RingTone | undefined) ?? "soft";

const loaded = performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined;
setServerTime(Number(shell.dataset.now), performance.timeOrigin + (loaded?.responseStart ?? performance.now()));

// ---- the line -----------------------------------------------------------------------------------------------------

const address = new URL(shell.dataset.live ?? "/live", location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const live = new LiveClient(address.href, shell.dataset.cursor ?? "");

const desk = (): HTMLElement | null => document.getElementById("desk");
let position = live.position;

const fragments = new Fragments(document, {
  url: (names) => {
    position = live.position;
    // Beside the desk only the shell's own fragments are on the page; they follow the call, not the address.
    const search = desk() ? location.search : "";
    return fragmentsUrl("/desk/fragments/", names, search);
  },
  placed,
  failed: (status) => {
    if (status) failed(status);
  },
});

let phoneBegun = false;
const phone = new Phone(user, (message) => live.softphone({ ...message }), {
  standing: (now, poor) => {
    if (phoneBegun) showStanding(phone, now, poor);
  },
  muted: showMuted,
  quality: showQuality,
});
const pad = new Pad(document);
const broadcasts = new Broadcasts("/messages/unread/", user);
broadcasts.listen(live, () => {
  for (const list of ["#broadcasts-sent", "#approvals"])
    if (document.querySelector(list)) void htmx.ajax("get", location.pathname, { target: list, select: list, swap: "outerHTML" });
});
const lists = new Lists(document, (element) => {
  htmx.process(element as HTMLElement);
  drawBars(element);
});
startCalendar(document, () => void lists.again());
const boards = startBoards(document, live);
const lookForBoard = startBoardPage(document);

live.listen({
  ...lineNotices({ hurry: () => live.hurry(), line: (up) => phone.line(up), back: () => void pad.resend() }),
  signedOut,
  event: (event) => {
    if (isOwnEcho(event, user)) return;
    if (event.kind === "routing.offer_made" && String(event.body.agent) === user) offered(String(event.body.interaction));
    fragments.touch(event.topics);
    document.dispatchEvent(new CustomEvent("cb:live", { detail: { topics: event.topics } }));
    touched(event.topics);
    lists.touch(event.topics);
    followColleague(document, event);
  },
  reload: () => {
    tell({ title: word("live.reload"), text: word("live.reload_more") });
    void fragments.refresh();
  },
  softphone: (message) => phone.message(message),
});

/** Topics that a page beside the desk listens to (`data-listens`); its own script does with them what it wants. */
function listened(): string[] {
  return [...document.querySelectorAll<HTMLElement>("#stage [data-listens]")].flatMap((one) =>
    (one.dataset.listens ?? "").split(" ").filter(Boolean),
  );
}

function follow(): void {
  live.follow(new Set([...fragments.topics(), ...heard(), ...lists.topics(), ...listened()]), position);
  boards.follow();
  lookForBoard();
}

document.addEventListener("cb:box", follow);
window.addEventListener("online", () => live.hurry());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) live.hurry();
});

// ---- what was put into the page -----------------------------------------------------------------------------------

function placed(elements: Element[]): void {
  for (const element of elements) {
    htmx.process(element);
    drawBars(element);
  }
  draw(document);
  if (elements.some((element) => element.id === "pad")) pad.placed();
  const title = document.getElementById("itabs")?.dataset.title;
  if (title) document.title = `${title} · Cordboard`;
  showMuted(phone.muted);
  if (listening()) beginPhone();
  if (phoneBegun) showStanding(phone, phone.standing, false);
  ringing.show();
  remind();
  follow();
  followPhase();
}

const tools = (): HTMLElement | null => document.getElementById("tools");
const listening = (): boolean => Boolean(document.getElementById("listening")?.dataset.interaction);

/** The telephone of those who take contacts begins with the page; of those who only listen in with the first time they do: before that nobody asks them for the microphone. */
function beginPhone(): void {
  if (phoneBegun) return;
  phoneBegun = true;
  phone.start();
}

const ringing = new Ringing(document, {
  sounds: phone.sounds,
  elsewhere: () => phone.standing === "elsewhere",
  tone: ringTone,
  accept: () => {
    const button = document.getElementById("tool-accept");
    if (button instanceof HTMLButtonElement) void tool(button);
  },
});
let phase = tools()?.dataset.phase ?? "";

/** The call has ended: the work area goes to the wrap-up, unless something is being filled in there. */
function followPhase(): void {
  const before = phase;
  phase = tools()?.dataset.phase ?? "";
  if (before === phase || !desk()) return;
  const work = document.getElementById("work");
  if (phase === "wrapup" && before !== "" && work && !holdsWork(work)) {
    history.replaceState({ desk: true }, "", "/desk/");
    void fragments.refresh(["work", "itabs"]);
  }
}

/** One window sounds for all, and none where the agent wants no sound. */
function remind(): void {
  showOver(tools(), {
    chime: () => {
      if (phone.standing !== "elsewhere" && ringTone() !== "off") phone.sounds.chime();
    },
    seen: (url) => void post(url).then(() => fragments.refresh(["tools", "comm"])),
  });
  showOut(tools(), (url) => void post(url, { state: "back" }).then(() => fragments.refresh(["tools", "comm"])));
}

function showMuted(on: boolean): void {
  const button = document.getElementById("tool-mute");
  if (!button) return;
  button.setAttribute("aria-pressed", String(on));
  button.classList.toggle("cb-tool-on", on);
  const label = button.querySelector("span");
  if (label) label.textContent = word(on ? "phone.unmute" : "phone.mute");
}

const { go, offered } = startGoing(document, { fragments, pad, desk, tools });

// ---- doing things -------------------------------------------------------------------------------------------------

const tool = presses({
  phone,
  pad,
  fragments,
  go,
  desk: () => desk() !== null,
  interaction: () => tools()?.dataset.interaction ?? "",
});

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const button = target.closest<HTMLButtonElement>("[data-tool]");
  if (button) void tool(button);
  const key = target.closest<HTMLElement>("#keypad [data-key]")?.dataset.key;
  if (key) phone.key(key);
  if (target.closest("[data-listen]")) beginPhone();
  const what = target.closest<HTMLElement>("[data-do]")?.dataset.do;
  if (what === "microphone") {
    phone.check();
    showMicrophone(phone);
  }
  if (what === "take-phone") phone.take();
  const number = target.closest<HTMLElement>("[data-dial]");
  if (number) void openBox(dialAddress(number, tools()?.dataset.interaction ?? ""));
  const press = target.closest<HTMLElement>("[data-press]")?.dataset.press;
  if (press) document.getElementById(press)?.click();
});

// ---- htmx: what is written in the markup ----------------------------------------------------------------------------

arrive();
arriveFocus(document);
startMarkup(document, { flush: () => pad.flush(), go: (url) => void go(url), refresh: () => void fragments.refresh() });
document.addEventListener("htmx:afterSettle", (event) => {
  if ((event.target as Element).id !== "stage") return;
  for (const item of document.querySelectorAll<HTMLAnchorElement>("#nav [data-nav]")) {
    const within = [new URL(item.href).pathname, ...(item.dataset.also?.split(" ") ?? [])];
    if (within.some((path) => location.pathname.startsWith(path))) item.setAttribute("aria-current", "page");
    else item.removeAttribute("aria-current");
  }
  drawBars(document);
  draw(document);
  pad.placed();
  // The shell's cursor is older than this page's data; what it brings twice is only fetched twice.
  follow();
  if (tools()) void fragments.refresh(["tools", "comm"]);
});

// ---- keyboard and palette ---------------------------------------------------------------------------------------------

startKeys(document, {
  tool,
  go: (url) => void go(url),
  open: (box) => void openBox(box),
  ready: () => {
    if (!tools()) return false;
    void post("/desk/state/", { state: "ready", toggle: "1" }).then(() => fragments.refresh());
    return true;
  },
});

// ---- begin --------------------------------------------------------------------------------------------------------------

startMenus(document);
startFocus(document);
startTrail(document);
startTheme(document);
startBox(document);
startPlayers(document);
startBoardMenus(document);
startSound(document, phone);
new TicketDesk(document, { again: () => void lists.again() }).start();
startFields(document);
startClock();
if (shell.dataset.live) {
  follow();
  live.start();
  if (tools() || listening()) beginPhone();
  pad.start();
  void broadcasts.look();
  ringing.show();
  remind();
}
