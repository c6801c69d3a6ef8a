import { beforeEach, expect, it } from "vitest";
import { showQuality } from "../src/desk/telephone";
import { fromSwitch, grade } from "../src/softphone/messages";

const WORDS = {
  "quality.good": "Sound good ({mos})",
  "quality.bad": "Sound bad ({mos})",
  "quality.more": "{lost}% lost, jitter {jitter} ms, {trip} ms there and back",
};

beforeEach(() => {
  document.body.innerHTML = `<span id="phone-quality" hidden></span><script type="application/json" id="cb-words">${JSON.stringify(WORDS)}</script>`;
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

it("says beside a mark that is not good what was measured, and behind one that is", () => {
  const mark = document.getElementById("phone-quality") as HTMLElement;
  showQuality(4.3, { lost: 0.001, jitter: 4.4, roundTrip: 30 });
  expect([mark.textContent, mark.title]).toEqual(["Sound good (4.3)", "0.1% lost, jitter 4 ms, 30 ms there and back"]);
  showQuality(2.9, { lost: 0.11, jitter: 80, roundTrip: 410 });
  expect(mark.textContent).toBe("Sound bad (2.9): 11.0% lost, jitter 80 ms, 410 ms there and back");
});
