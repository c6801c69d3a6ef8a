import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BREATH, Ringing } from "../src/desk/ringing";
import { serverNow, setServerTime } from "../src/live/clock";

function page(): { bar: HTMLElement; done: string[]; ringing: Ringing; away: { now: boolean } } {
  document.body.innerHTML = '<header id="tools" data-interaction="91"><button id="tool-accept"></button></header>';
  const done: string[] = [];
  const away = { now: false };
  const sounds = { play: () => done.push("ring"), stop: () => done.push("stop"), beep: () => done.push("beep") };
  const ringing = new Ringing(document, { sounds, elsewhere: () => away.now, tone: () => "soft", accept: () => done.push("accept") });
  return { bar: document.getElementById("tools") as HTMLElement, done, ringing, away };
}

describe("what is offered", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    setServerTime(1_000_000);
  });
  afterEach(() => vi.useRealTimers());

  it("rings until it is answered, and in one window only", () => {
    const { bar, done, ringing, away } = page();
    ringing.show();
    away.now = true;
    ringing.show();
    away.now = false;
    (bar.querySelector("button") as HTMLButtonElement).disabled = true;
    ringing.show();
    expect(done).toEqual(["ring", "stop", "stop"]);
  });

  it("answers by itself once, after a beep", () => {
    const { bar, done, ringing } = page();
    bar.dataset.autoAnswer = "1";
    ringing.show();
    ringing.show();
    vi.advanceTimersByTime(BREATH);
    expect(done.filter((one) => one !== "stop")).toEqual(["beep", "accept"]);
  });

  it("dials a callback at its moment, however often the bar is drawn", () => {
    const { bar, done, ringing } = page();
    bar.dataset.dialAt = String(serverNow() + 15_000);
    ringing.show();
    vi.advanceTimersByTime(10_000);
    ringing.show();
    expect(done).not.toContain("accept");
    vi.advanceTimersByTime(5_000);
    expect(done.filter((one) => one === "accept")).toEqual(["accept"]);
  });

  it("dials nothing that was put off, given back or is looked at in another window", () => {
    for (const decide of ["put off", "elsewhere"]) {
      const { bar, done, ringing, away } = page();
      bar.dataset.dialAt = String(serverNow() + 15_000);
      ringing.show();
      if (decide === "elsewhere") away.now = true;
      else bar.innerHTML = '<button id="tool-accept" disabled></button>';
      ringing.show();
      vi.advanceTimersByTime(60_000);
      expect(done).not.toContain("accept");
    }
  });
});
