// Doing things: posts with the CSRF token, and errors in words.

import { cookie } from "./cookie";
import { announce, stand, tell } from "./notices";
import { word } from "./words";

/** What went wrong, from the server's own words where it gave some. */
export function problemOf(status: number, body = ""): { title: string; text: string } {
  if (body.includes("cb-notice")) {
    const box = new DOMParser().parseFromString(body, "text/html").querySelector(".cb-notice p");
    const title = box?.querySelector("b")?.textContent?.trim() ?? "";
    const text = (box?.textContent ?? "").replace(title, "").trim();
    if (title) return { title, text };
  }
  if (status === 0) return { title: word("error.network"), text: word("error.network_more") };
  if (status === 403) return { title: word("error.refused"), text: word("error.refused_more") };
  if (status === 404 || status === 410) return { title: word("error.gone"), text: word("error.gone_more") };
  return {
    title: word("error.server"),
    text: word("error.server_more", { time: new Date().toISOString().slice(0, 19).replace("T", " ") }),
  };
}

export function signedOut(): void {
  stand("line", {
    kind: "error",
    title: word("live.signed_out"),
    text: word("live.signed_out_more"),
    action: { words: word("live.sign_in"), run: () => location.reload() },
  });
}

/** Show what a failed request means. */
export function failed(status: number, body = ""): void {
  if (status === 401) {
    signedOut();
    return;
  }
  tell({ kind: "error", ...problemOf(status, body) });
}

/** Post a form; true when it was done. Failures are shown; `go` hears where the server sends the page. */
export async function post(url: string, values: Record<string, string> = {}, go?: (url: string) => void): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: "POST",
      body: new URLSearchParams(values),
      headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true" },
      credentials: "same-origin",
    });
    if (response.redirected) {
      failed(401);
      return false;
    }
    if (!response.ok) {
      failed(response.status, await response.text());
      return false;
    }
    told(response.headers.get("HX-Trigger"));
    const next = response.headers.get("X-Desk-Go");
    if (next) go?.(next);
    return true;
  } catch {
    failed(0);
    return false;
  }
}

/** The server may say something along with its answer: HX-Trigger: {"cb:notice": {"title": ..., "text": ...}}. */
export function told(header: string | null): void {
  if (!header?.startsWith("{")) return;
  const events = JSON.parse(header) as Record<string, unknown>;
  const notice = events["cb:notice"];
  if (notice && typeof notice === "object") tell(notice as { title: string; text?: string });
  if (typeof events["cb:said"] === "string") announce(events["cb:said"]);
}
