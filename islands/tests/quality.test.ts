import { beforeEach, expect, it } from "vitest";
import { showQuality } from "../src/desk/telephone";
import { fromSwitch, grade } from "../src/softphone/messages";

beforeEach(() => {
  document.body.innerHTML = `<span id="phone-quality" hidden></span>`;
});

it("says in three grades how a call is heard", () => {
  expect([4.41, 3.6, 3.59, 3.1, 3.09, 1].map(grade)).toEqual(["good", "good", "fair", "fair", "bad", "bad"]);
});

it("knows the switch's word for it", () => {
  expect(fromSwitch({ type: "quality", leg: "a", mos: 4.2 })).toEqual({ type: "quality", leg: "a", mos: 4.2 });
});

it("shows a mark while there is a call, and none without", () => {
  const mark = document.getElementById("phone-quality") as HTMLElement;
  showQuality(2.9);
  expect([mark.hidden, mark.dataset.grade]).toEqual([false, "bad"]);
  expect(mark.textContent).not.toBe("");
  showQuality(0);
  expect([mark.hidden, mark.textContent]).toEqual([true, ""]);
});
