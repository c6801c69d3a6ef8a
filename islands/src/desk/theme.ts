// Light or dark: at once in the page, then kept with the person.

import { cookie } from "./cookie";

export function startTheme(root: Document): void {
  root.addEventListener("click", (event) => {
    if (!(event.target as Element).closest("[data-theme-switch]")) return;
    const html = root.documentElement;
    const theme = html.dataset.bsTheme === "dark" ? "light" : "dark";
    html.dataset.bsTheme = theme;
    const body = new URLSearchParams({ theme });
    void fetch("/account/theme/", { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken") }, redirect: "manual" }).catch(
      () => undefined,
    );
  });
}
