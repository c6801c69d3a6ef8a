import { beforeEach, describe, expect, it } from "vitest";
import { showOver } from "../src/desk/over";

function page(): { bar: HTMLElement; done: string[]; show: () => void } {
  document.body.innerHTML = '<div id="shell-notices" aria-live="polite"></div><header id="tools"></header>';
  const bar = document.getElementById("tools") as HTMLElement;
  const done: string[] = [];
  const show = () => showOver(bar, { chime: () => done.push("chime"), seen: (url) => done.push(url) });
  return { bar, done, show };
}

function over(bar: HTMLElement, until: string): void {
  Object.assign(bar.dataset, { over: until, overWords: "Your time for Break ended at 12:15.", seenUrl: "/desk/state/seen/" });
}

const notice = () => document.querySelector<HTMLElement>("[data-notice=over]");

describe("the reminder that a break is over", () => {
  beforeEach(() => sessionStorage.clear());

  it("stands, is announced, and sounds once", () => {
    const { bar, done, show } = page();
    show();
    expect(notice()).toBeNull();
    over(bar, "1000");
    show();
    show();
    expect(notice()?.textContent).toContain("Your time for Break ended at 12:15.");
    expect(notice()?.closest("[aria-live]")).not.toBeNull();
    expect(done).toEqual(["chime"]);
  });

  it("sounds again for the next break, not after a reload", () => {
    const first = page();
    over(first.bar, "1000");
    first.show();
    const reloaded = page();
    over(reloaded.bar, "1000");
    reloaded.show();
    expect(reloaded.done).toEqual([]);
    expect(notice()).not.toBeNull();
    over(reloaded.bar, "2000");
    reloaded.show();
    expect(reloaded.done).toEqual(["chime"]);
  });

  it("stays until the server knows that it was seen, or the state changes", () => {
    const { bar, done, show } = page();
    over(bar, "1000");
    show();
    notice()?.querySelector("button")?.click();
    expect(done).toContain("/desk/state/seen/");
    expect(notice()).not.toBeNull();
    delete bar.dataset.seenUrl;
    show();
    expect(notice()).toBeNull();
  });
});
