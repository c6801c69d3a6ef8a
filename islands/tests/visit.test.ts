import { describe, expect, it } from "vitest";
import { extend, parsed, place, type Stroke, startSigning } from "../src/visit";

const BOX = { left: 10, top: 20, width: 300, height: 120 };

describe("the field to sign in", () => {
  it("maps the screen to whole numbers of the field, and what is beside it to the edge", () => {
    expect(place(BOX, 10, 20)).toEqual([0, 0]);
    expect(place(BOX, 160, 80)).toEqual([500, 200]);
    expect(place(BOX, 999, -5)).toEqual([1000, 0]);
    expect(place({ left: 0, top: 0, width: 0, height: 0 }, 0, 0)).toEqual([0, 0]);
  });

  it("leaves out points of a finger that rests", () => {
    const stroke: Stroke = [[10, 10]];
    expect(extend(stroke, [11, 11])).toBe(false);
    expect(extend(stroke, [20, 10])).toBe(true);
    expect(stroke).toEqual([
      [10, 10],
      [20, 10],
    ]);
  });

  it("takes a hidden field that holds no drawing as none", () => {
    expect(parsed("not JSON")).toEqual([]);
    expect(parsed('{"a": 1}')).toEqual([]);
    expect(parsed("[[[1,2]]]")).toEqual([[[1, 2]]]);
  });

  it("keeps what is drawn in the form, and clears it", () => {
    document.body.innerHTML =
      '<form data-sign><input data-strokes value="[[[5,5],[90,90]]]"><canvas data-pad></canvas><button type="button" data-clear></button></form>';
    const form = document.querySelector("form") as HTMLFormElement;
    const canvas = form.querySelector("canvas") as HTMLCanvasElement;
    const kept = form.querySelector("input") as HTMLInputElement;
    canvas.getContext = (() => null) as typeof canvas.getContext;
    canvas.setPointerCapture = () => undefined;
    canvas.getBoundingClientRect = () => ({ ...BOX, x: 10, y: 20, right: 310, bottom: 140, toJSON: () => "" });
    startSigning(form);
    expect(JSON.parse(kept.value)).toEqual([
      [
        [5, 5],
        [90, 90],
      ],
    ]);
    const at = (type: string, x: number, y: number) =>
      canvas.dispatchEvent(new PointerEvent(type, { clientX: x, clientY: y, button: 0, pointerId: 1 }));
    at("pointermove", 100, 100);
    at("pointerdown", 10, 20);
    at("pointermove", 160, 80);
    at("pointerup", 160, 80);
    at("pointermove", 200, 80);
    expect(JSON.parse(kept.value)).toEqual([
      [
        [5, 5],
        [90, 90],
      ],
      [
        [0, 0],
        [500, 200],
      ],
    ]);
    form.querySelector("button")?.click();
    expect(kept.value).toBe("[]");
  });
});
