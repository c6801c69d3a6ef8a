// The shell of a signed-in person: the live line, the telephone, the desk, the keyboard.

import htmx from "htmx.org";
import { startBoardMenus } from "./board/menus";
import { startBoardPage } from "./board/page";
import { startBoards } from "./board/values";
import { dialAddress, heard, openBox, startBox, touched } from "./desk/box";
import { Broadcasts } from "./desk/broadcasts";
import { startCalendar } from "./desk/calendar";
import { linkChoices, toolChoices } from "./desk/choices";
import { follow as followColleague } from "./desk/directory";
import { startKeyboard } from "./desk/keyboard";
import { startMarkup } from "./desk/markup";
import { openDialog, startMenus } from "./desk/menus";
import { arrive, carry, clear, stand, tell } from "./desk/notices";
import { showOut } from "./desk/out";
import { showOver } from "./desk/over";
import { Pad } from "./desk/pad";
import { Palette } from "./desk/palette";
import { changed, fragmentsUrl, placeOf } from "./desk/place";
import { startPlayers, toggle } from "./desk/player";
import { failed, post, signedOut } from "./desk/requests";
import { Ringing } from "./desk/ringing";
import { startSound } from "./desk/sound";
import { showMicrophone, showQuality, showStanding } from "./desk/telephone";
import { startTheme } from "./desk/theme";
import { TicketDesk } from "./desk/ticket";
import { presses } from "./desk/tools";
import { word } from "./desk/words";
import { LiveClient } from "./live/client";
import { draw, drawBars, setServerTime, startClock } from "./live/clock";
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

let downSince = 0;
live.listen({
  up: (first) => {
    window.clearTimeout(downSince);
    clear("line");
    document.documentElement.removeAttribute("data-off-line");
    if (!first && wasTold) tell({ title: word("live.back"), text: word("live.back_more") });
    wasTold = false;
    phone.line(true);
    void pad.resend();
  },
  down: () => {
    phone.line(false);
    document.documentElement.setAttribute("data-off-line", "");
    window.clearTimeout(downSince);
    // A front that starts anew is back before anybody needs to read about it.
    downSince = window.setTimeout(() => {
      wasTold = true;
      stand("line", {
        kind: "error",
        title: word("live.lost"),
        text: word("live.lost_more"),
        action: { words: word("phone.check"), run: () => live.hurry() },
      });
    }, 2500);
  },
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
let wasTold = false;

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

// ---- going places -------------------------------------------------------------------------------------------------

async function go(url: string): Promise<void> {
  const target = new URL(url, location.href);
  if (!desk() || !target.pathname.startsWith("/desk/")) {
    carry();
    location.assign(target);
    return;
  }
  const names = changed(placeOf(location.search), placeOf(target.search));
  if (names.includes("pad")) void pad.flush();
  history.pushState({ desk: true }, "", `${target.pathname}${target.search}`);
  await fragments.refresh(names);
}

/** A call was offered: the screen goes to it, unless somebody is in the middle of a word. */
function offered(interaction: string): void {
  if (!desk()) return;
  const typing = document.activeElement instanceof HTMLTextAreaElement || document.activeElement instanceof HTMLInputElement;
  if (typing && tools()?.dataset.interaction) return;
  if (placeOf(location.search).interaction === interaction) return;
  const beside = ["held", "wrapup"].includes(tools()?.dataset.phase ?? "");
  history.replaceState({ desk: true }, "", beside ? `/desk/?interaction=${interaction}` : "/desk/");
}

/** Solutions on the overview follow the words of the note; not at every pause of the typing. */
let followedNote = 0;
document.addEventListener("cb:kept", () => {
  window.clearTimeout(followedNote);
  followedNote = window.setTimeout(() => {
    if (document.getElementById("work")?.dataset.tab === "overview") void fragments.refresh(["work"]);
  }, 800);
});

window.addEventListener("popstate", () => {
  if (desk() && location.pathname.startsWith("/desk/")) void fragments.refresh();
});

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-tab], a[data-interaction], a[data-panel-link]");
  if (!link || !desk()) return;
  event.preventDefault();
  link.closest<HTMLElement>("[popover]")?.hidePopover();
  void (async () => {
    // What goes with the note must find it on the server.
    if (link.hasAttribute("data-with-note")) await pad.flush();
    await go(link.href);
  })();
});

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!form.matches("[data-panel-form], [data-find]") || !desk()) return;
  event.preventDefault();
  const url = new URL(form.action, location.href);
  for (const [key, value] of new FormData(form, event.submitter as HTMLElement | null)) url.searchParams.set(key, String(value));
  void go(url.href);
});

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

const paletteDialog = document.getElementById("palette");
if (paletteDialog instanceof HTMLDialogElement)
  new Palette(
    paletteDialog,
    () => [
      ...toolChoices((button) => void tool(button)).filter((choice) => choice.enabled),
      ...linkChoices("#state-menu button", "headset"),
      ...linkChoices("#work [data-tab]", "chevron-right"),
      ...linkChoices("#nav [data-nav]", "chevron-right"),
      ...toolChoices((button) => void tool(button)).filter((choice) => !choice.enabled),
    ],
    (url) => void go(url),
    (box) => void openBox(box),
  ).start();

startKeyboard(document, {
  tool: (key) => {
    const button = document.querySelector<HTMLButtonElement>(`[data-tool][aria-keyshortcuts="${key}"]`);
    if (!button || button.disabled) return false;
    void tool(button);
    return true;
  },
  interaction: (number) => {
    const tab = document.querySelectorAll<HTMLAnchorElement>("#itabs [data-interaction]")[number - 1];
    if (!tab) return false;
    tab.click();
    return true;
  },
  favourite: (number) => {
    const button = document.querySelector<HTMLButtonElement>(`[data-number="${number}"]`);
    button?.click();
    return button !== null;
  },
  palette: () => void openDialog("palette"),
  help: () => void openDialog("shortcuts"),
  pad: () => document.getElementById("pad-text")?.focus(),
  play: () => void toggle(document),
  later: () => document.getElementById("callback-later")?.click(),
  work: () => document.querySelector<HTMLElement>("#work [role=tab][aria-selected=true]")?.focus(),
  shifted: (key) => {
    const button = document.querySelector<HTMLButtonElement>(`[data-tool][aria-keyshortcuts="Shift+${key}"]`);
    if (!button || button.disabled) return false;
    void tool(button);
    return true;
  },
  rejectWhy: () => {
    const button = document.querySelector<HTMLButtonElement>("#tool-reject-why:enabled");
    button?.click();
    return button !== null;
  },
  ready: () => {
    if (!tools()) return false;
    void post("/desk/state/", { state: "ready", toggle: "1" }).then(() => fragments.refresh());
    return true;
  },
});

// ---- begin --------------------------------------------------------------------------------------------------------------

startMenus(document);
startTheme(document);
startBox(document);
startPlayers(document);
startBoardMenus(document);
startSound(document, phone);
new TicketDesk(document, { again: () => void lists.again() }).start();
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
