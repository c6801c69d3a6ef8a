import { beforeEach, describe, expect, it } from "vitest";
import { arrive, carry, settled, tell } from "../src/desk/notices";

describe("what went wrong", () => {
  beforeEach(() => {
    document.body.innerHTML = '<div id="toasts" popover="manual" aria-live="polite"></div>';
    // the page of these tests knows no popovers
    const host = document.getElementById("toasts") as HTMLElement;
    host.showPopover = () => host.setAttribute("data-shown", "");
    host.hidePopover = () => host.removeAttribute("data-shown");
  });

  it("leaves the screen when the next act succeeds; what passes by itself stays until then", () => {
    tell({ kind: "error", title: "The time to answer is over." });
    tell({ title: "Sent." });
    settled();
    expect(document.getElementById("toasts")?.textContent).toContain("Sent.");
    expect(document.getElementById("toasts")?.textContent).not.toContain("The time to answer is over.");
  });

  it("goes along to the next page where it was said on the way out, once, and without what went wrong", () => {
    const text = () => document.getElementById("toasts")?.textContent ?? "";
    tell({ title: "Handed over.", text: "Visits to come: 2" });
    tell({ kind: "error", title: "No microphone was found." });
    carry();
    (document.getElementById("toasts") as HTMLElement).innerHTML = "";
    arrive();
    expect(text()).toContain("Handed over. Visits to come: 2");
    expect(text()).not.toContain("No microphone");
    expect(sessionStorage.length).toBe(0);
    (document.getElementById("toasts") as HTMLElement).innerHTML = "";
    arrive();
    expect(text()).toBe("");
  });
});
