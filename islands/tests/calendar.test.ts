import { beforeEach, describe, expect, it, vi } from "vitest";
import { minuteAt, startCalendar } from "../src/desk/calendar";

const column = { top: 10_000 * 60, minutes: 720 };

describe("where a visit is put down", () => {
  it("is the nearest quarter of an hour", () => {
    expect(minuteAt(column, 0, 720, 60)).toBe(column.top);
    expect(minuteAt(column, 67, 720, 60)).toBe(column.top + 60);
    expect(minuteAt(column, 68, 720, 60)).toBe(column.top + 75);
  });
  it("stays within the column", () => {
    expect(minuteAt(column, -50, 720, 60)).toBe(column.top);
    expect(minuteAt(column, 715, 720, 90)).toBe(column.top + 630);
  });
});

describe("moving by keys", () => {
  const press = (key: string, on: Element): void =>
    void on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const posted: { url: string; body: string }[] = [];

  beforeEach(() => {
    posted.length = 0;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
      posted.push({ url, body: String(init.body) });
      return Promise.resolve(new Response(null, { status: 204 }));
    });
    document.body.innerHTML = `<p id="calendar-said"></p>
      <section data-cal-column data-staff="1" data-top="6000" data-minutes="720" data-early="420" data-name="Tess" data-day="Mon 23 Nov">
        <a id="visit-7" href="/appointments/7/" data-move-url="/appointments/7/move/" data-start="6060" data-minutes="60" data-version="3"><span data-cal-time>8:00</span></a>
      </section>
      <section data-cal-column data-staff="2" data-top="6000" data-minutes="720" data-early="420" data-name="Theo" data-day="Mon 23 Nov"></section>`;
  });
  startCalendar(document, () => undefined);
  const visit = (): HTMLElement => document.getElementById("visit-7") as HTMLElement;
  const said = (): string => document.getElementById("calendar-said")?.textContent ?? "";

  it("carries it with the arrows, says where it is, and puts it down with Enter", async () => {
    press("m", visit());
    expect(said()).toBe("Tess, Mon 23 Nov, 08:00");
    press("ArrowDown", visit());
    press("ArrowRight", visit());
    expect(said()).toBe("Theo, Mon 23 Nov, 08:15");
    press("Enter", visit());
    await vi.waitFor(() => expect(posted).toHaveLength(1));
    expect(posted[0]).toEqual({ url: "/appointments/7/move/", body: "start=6075&staff=2&version=3" });
    expect(document.querySelector(".cb-cal-ghost")).toBeNull();
  });
  it("leaves it where it was on Escape, and asks nothing when it did not move", () => {
    press("m", visit());
    press("ArrowUp", visit());
    press("Escape", visit());
    expect(document.querySelector(".cb-cal-ghost")).toBeNull();
    press("m", visit());
    press("Enter", visit());
    expect(posted).toHaveLength(0);
  });
});
