// Going from place to place: within the desk only what changes is fetched, elsewhere the page is opened.

import { carryFocus } from "../live/focus";
import type { Fragments } from "../live/fragments";
import { carry } from "./notices";
import type { Pad } from "./pad";
import { changed, placeOf } from "./place";

export interface Ground {
  fragments: Fragments;
  pad: Pad;
  /** The desk, where it is the page in the stage. */
  desk(): HTMLElement | null;
  /** The telephone's buttons. */
  tools(): HTMLElement | null;
}

export interface Going {
  go(url: string): Promise<void>;
  /** A call was offered. */
  offered(interaction: string): void;
}

export function startGoing(root: Document, { fragments, pad, desk, tools }: Ground): Going {
  async function go(url: string): Promise<void> {
    const target = new URL(url, location.href);
    if (!desk() || !target.pathname.startsWith("/desk/")) {
      carry();
      carryFocus(root, target);
      location.assign(target);
      return;
    }
    const names = changed(placeOf(location.search), placeOf(target.search));
    if (names.includes("pad")) void pad.flush();
    history.pushState({ desk: true }, "", `${target.pathname}${target.search}`);
    await fragments.refresh(names);
  }

  /** The screen goes to the call, unless somebody is in the middle of a word. */
  function offered(interaction: string): void {
    if (!desk()) return;
    const typing = root.activeElement instanceof HTMLTextAreaElement || root.activeElement instanceof HTMLInputElement;
    if (typing && tools()?.dataset.interaction) return;
    if (placeOf(location.search).interaction === interaction) return;
    const beside = ["held", "wrapup"].includes(tools()?.dataset.phase ?? "");
    history.replaceState({ desk: true }, "", beside ? `/desk/?interaction=${interaction}` : "/desk/");
  }

  /** Solutions on the overview follow the words of the note; not at every pause of the typing. */
  let followedNote = 0;
  root.addEventListener("cb:kept", () => {
    window.clearTimeout(followedNote);
    followedNote = window.setTimeout(() => {
      if (root.getElementById("work")?.dataset.tab === "overview") void fragments.refresh(["work"]);
    }, 800);
  });

  window.addEventListener("popstate", () => {
    if (desk() && location.pathname.startsWith("/desk/")) void fragments.refresh();
  });

  root.addEventListener("click", (event) => {
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

  root.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-panel-form], [data-find]") || !desk()) return;
    event.preventDefault();
    const url = new URL(form.action, location.href);
    for (const [key, value] of new FormData(form, event.submitter as HTMLElement | null)) url.searchParams.set(key, String(value));
    void go(url.href);
  });

  return { go, offered };
}
