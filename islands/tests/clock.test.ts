import { describe, expect, it } from "vitest";
import { clockText, draw, serverNow, setServerTime } from "../src/live/clock";

describe("the clock", () => {
  it("says time as people read it", () => {
    expect([0, 4, 133, 3725].map(clockText)).toEqual(["0:00", "0:04", "2:13", "1:02:05"]);
    expect(clockText(-3)).toBe("0:00");
  });

  it("goes by the server's time", () => {
    setServerTime(Date.now() + 60_000);
    expect(Math.round((serverNow() - Date.now()) / 1000)).toBe(60);
    setServerTime(Date.now());
  });

  it("ticks up, runs down, and shortens the line of a ringing call", () => {
    document.body.innerHTML = `<time data-since="1000000">x</time><time data-until="1020000">x</time>
      <div data-ring-from="1000000" data-ring-until="1020000"><i></i></div>`;
    draw(document, 1_005_000);
    const [since, until] = document.querySelectorAll("time");
    expect(since?.textContent).toBe("0:05");
    expect(until?.textContent).toBe("0:15");
    expect(document.querySelector<HTMLElement>("i")?.style.width).toBe("75.0%");
    draw(document, 1_030_000);
    expect(until?.textContent).toBe("0:00");
    expect(document.querySelector<HTMLElement>("i")?.style.width).toBe("0.0%");
  });
});
