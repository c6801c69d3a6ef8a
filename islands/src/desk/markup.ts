// What is written in the markup (`hx-post` and its like): the CSRF token, what goes with the note, what comes after an answer.

import { again } from "./box";
import { cookie } from "./cookie";
import { settled } from "./notices";
import { failed, told } from "./requests";

export interface Page {
  flush(): Promise<unknown>;
  go(url: string): void;
  refresh(): void;
}

interface HtmxDetail {
  headers: Record<string, string>;
  verb: string;
  xhr: XMLHttpRequest;
  elt: Element;
  successful: boolean;
  requestConfig: { verb: string };
  issueRequest(skip: boolean): void;
}
const detailOf = (event: Event): HtmxDetail => (event as CustomEvent<HtmxDetail>).detail;

export function startMarkup(root: Document, page: Page): void {
  root.addEventListener("htmx:configRequest", (event) => {
    const { headers, verb } = detailOf(event);
    if (verb !== "get") headers["X-CSRFToken"] = cookie("csrftoken");
  });
  root.addEventListener("htmx:confirm", (event) => {
    const { elt, issueRequest } = detailOf(event);
    if (!elt.hasAttribute("data-with-note")) return;
    event.preventDefault();
    void page.flush().then(() => issueRequest(true));
  });
  root.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, elt, successful, requestConfig } = detailOf(event);
    // A form with faults came back and stands there with what was typed.
    if (requestConfig.verb === "get" || xhr.status === 422) return;
    if (successful) {
      settled();
      told(xhr.getResponseHeader("HX-Trigger"));
      if (elt.hasAttribute("data-closes")) elt.closest("dialog")?.close();
      if (elt.hasAttribute("data-asks-again")) void again();
      if (elt instanceof HTMLFormElement) {
        elt.reset();
        delete elt.dataset.typed;
      }
      const next = xhr.getResponseHeader("X-Desk-Go");
      if (next) {
        page.go(next);
        return;
      }
    }
    page.refresh();
  });
  root.addEventListener("htmx:responseError", (event) => failed(detailOf(event).xhr.status, detailOf(event).xhr.responseText));
  root.addEventListener("htmx:sendError", () => failed(0));
}
