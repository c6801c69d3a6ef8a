import { describe, expect, it } from "vitest";
import { difference, isSame, merged } from "../src/designer/difference";
import {
  addStep,
  connect,
  copySteps,
  exitsOf,
  findSteps,
  inOrder,
  missingTexts,
  pasteSteps,
  readClip,
  removeSteps,
  renameStep,
  setField,
  targetsOf,
  withText,
} from "../src/designer/graph";
import { begin, change, redo, settle, undo } from "../src/designer/history";
import { frozen, HEIGHT, layout, middle, neighbour, type Point, rounded, thawed, WIDTH } from "../src/designer/layout";
import type { Graph, StepType, StepTypes } from "../src/designer/types";

function type(name: string, exits: [string, boolean][], texts: [string, boolean][] = []): StepType {
  return {
    name,
    words: name,
    help: "",
    group: "talk",
    icon: "",
    surfaces: ["ivr"],
    exits: exits.map(([one, needed]) => ({ name: one, words: one, needed })),
    fields: texts.map(([one, required]) => ({
      name: one,
      kind: "texts",
      words: one,
      help: "",
      required,
      options: [],
      default: null,
      when: {},
    })),
    waits: false,
    ends: !exits.length,
    hidden: false,
  };
}

const TYPES: StepTypes = Object.fromEntries(
  [
    type("say", [["next", true]], [["texts", true]]),
    type(
      "ask",
      [
        ["next", true],
        ["give_up", true],
        ["skip", false],
      ],
      [
        ["texts", true],
        ["wrong", false],
      ],
    ),
    type("decide", [["next", true]]),
    type("end", []),
  ].map((one) => [one.name, one]),
);
const of = (name: string) => TYPES[name] as StepType;

const MENU: Graph = {
  schema: 1,
  code: "menu",
  languages: ["en", "nl"],
  start: "hello",
  person: "bye",
  on_error: "bye",
  variables: { matter: { type: "choice" }, other: { type: "text" } },
  steps: {
    hello: { type: "say", texts: { en: "Hello.", nl: "Hallo." }, next: "matter" },
    matter: {
      type: "ask",
      kind: "choice",
      into: "matter",
      texts: { en: "Which?" },
      choices: [
        { key: "1", value: "fault" },
        { key: "2", value: "order", next: "who" },
      ],
      next: "bye",
      give_up: "bye",
    },
    who: { type: "decide", branches: [{ when: { fact: "matter", op: "is", value: "order" }, next: "hello" }], next: "bye" },
    bye: { type: "end" },
  },
};

describe("ways out", () => {
  it("are those of the rows and those of the type", () => {
    expect(exitsOf(MENU.steps.matter as never, of("ask"))).toEqual([
      { name: "choices[0]", target: null, needed: false },
      { name: "choices[1]", target: "who", needed: false },
      { name: "next", target: "bye", needed: true },
      { name: "give_up", target: "bye", needed: true },
      { name: "skip", target: null, needed: false },
    ]);
    expect(targetsOf(MENU, "matter", TYPES)).toEqual(["who", "bye"]);
  });

  it("need no next when every choice leads on", () => {
    const all = connect(MENU, "matter", "choices[0]", "hello");
    const next = exitsOf(all.steps.matter as never, of("ask")).find((exit) => exit.name === "next");
    expect(next?.needed).toBe(false);
  });

  it("are connected and let go", () => {
    expect(connect(MENU, "matter", "choices[0]", "hello").steps.matter?.choices).toMatchObject([{ next: "hello" }, { next: "who" }]);
    expect(connect(MENU, "matter", "choices[1]", null).steps.matter?.choices).toEqual([
      { key: "1", value: "fault" },
      { key: "2", value: "order" },
    ]);
    expect(connect(MENU, "hello", "next", null).steps.hello).toEqual({ type: "say", texts: { en: "Hello.", nl: "Hallo." } });
    expect(connect(MENU, "matter", "choices[7]", "bye")).toBe(MENU);
    expect(MENU.steps.hello?.next).toBe("matter");
  });
});

describe("steps", () => {
  it("are put on a line and take over where it led", () => {
    const [graph, name] = addStep(MENU, of("say"), { step: "hello", exit: "next" });
    expect(name).toBe("say");
    expect(graph.steps.hello?.next).toBe("say");
    expect(graph.steps.say).toEqual({ type: "say", texts: {}, next: "matter" });
    const [again, second] = addStep(graph, of("say"), { step: "matter", exit: "choices[1]" });
    expect(second).toBe("say_2");
    expect(again.steps.say_2?.next).toBe("who");
    expect(targetsOf(again, "matter", TYPES)).toContain("say_2");
    const [third] = addStep(graph, of("say"), { step: "matter", exit: "choices[0]" });
    expect(third.steps.say_2?.next, "where the question's answers go").toBe("bye");
  });

  it("are the start of a flow that has none", () => {
    const [graph] = addStep({ ...MENU, start: "", steps: {} }, of("say"));
    expect(graph.start).toBe("say");
  });

  it("close the gap when they go, where only one way led on", () => {
    const graph = removeSteps(MENU, ["hello"], TYPES);
    expect(graph.start).toBe("matter");
    expect(graph.steps.who?.branches).toMatchObject([{ next: "matter" }]);
    const open = removeSteps(MENU, ["matter"], TYPES);
    expect(open.steps.hello).not.toHaveProperty("next");
    expect(removeSteps(MENU, ["bye"], TYPES)).not.toHaveProperty("person");
  });

  it("are renamed wherever they are named", () => {
    const graph = renameStep(MENU, "bye", "goodbye", TYPES);
    expect(Object.keys(graph.steps)).toEqual(["hello", "matter", "who", "goodbye"]);
    expect([graph.person, graph.on_error, graph.steps.matter?.give_up, graph.steps.who?.next]).toEqual(Array(4).fill("goodbye"));
    expect(renameStep(MENU, "bye", "hello", TYPES)).toBe(MENU);
    expect(renameStep(MENU, "bye", "No good", TYPES)).toBe(MENU);
  });

  it("are copied with what they speak of, and pasted under names of their own", () => {
    const clip = readClip(JSON.stringify(copySteps(MENU, ["matter", "who"])));
    if (!clip) throw new Error("not a clip");
    expect(Object.keys(clip.variables)).toEqual(["matter"]);
    const [graph, names] = pasteSteps(MENU, clip, TYPES);
    expect(names).toEqual(["matter_2", "who_2"]);
    expect(graph.steps.matter_2?.choices).toMatchObject([{ key: "1" }, { next: "who_2" }]);
    expect(graph.steps.who_2?.next).toBe("bye");
    const [elsewhere] = pasteSteps({ ...MENU, variables: {}, steps: { only: { type: "end" } } }, clip, TYPES);
    expect(elsewhere.steps.matter).not.toHaveProperty("give_up");
    expect(elsewhere.variables).toEqual({ matter: { type: "choice" } });
  });

  it("are not pasted from anything else", () => {
    for (const text of ["", "hello", "{}", '{"cordboard":"steps"}', '{"cordboard":"steps","steps":{"a":{}}}'])
      expect(readClip(text)).toBeNull();
  });

  it("come in the order of the conversation", () => {
    expect(inOrder(MENU, TYPES)).toEqual(["hello", "matter", "who", "bye"]);
  });

  it("are found by their name and by what they say", () => {
    expect(findSteps(MENU, "hallo")).toEqual(["hello"]);
    expect(findSteps(MENU, "ORDER")).toEqual(["matter", "who"]);
    expect(findSteps(MENU, "hello")[0]).toBe("hello");
    expect(findSteps({ ...MENU, steps: { first: { type: "say", next: "sought" }, sought: { type: "end" } } }, "sought")).toEqual([
      "sought",
      "first",
    ]);
    expect(findSteps(MENU, " ")).toEqual([]);
  });
});

describe("texts", () => {
  it("are missing in a language, the optional ones once they are begun", () => {
    expect(missingTexts(MENU, TYPES)).toEqual([{ step: "matter", field: "texts", language: "nl" }]);
    const begun = setField(MENU, "matter", "wrong", withText(undefined, "nl", "Nee."));
    expect(missingTexts(begun, TYPES)).toContainEqual({ step: "matter", field: "wrong", language: "en" });
  });

  it("lose their recorded prompt when the words change", () => {
    expect(withText({ en: { text: "Hello.", file: "a.wav" } }, "en", "Hi.")).toEqual({ en: "Hi." });
    expect(withText({ en: "Hello." }, "en", "")).toEqual({});
  });
});

describe("history", () => {
  it("goes back and forth, and typing is one step", () => {
    let history = begin("a");
    for (const now of ["b", "bc", "bcd"]) history = change(history, now, "typing");
    history = change(history, "x");
    expect(undo(history).now).toBe("bcd");
    expect(undo(undo(history)).now).toBe("a");
    expect(redo(redo(undo(undo(history)))).now).toBe("x");
    expect(undo(begin("a")).now).toBe("a");
    expect(redo(begin("a")).now).toBe("a");
  });

  it("forgets what was undone once something else is done", () => {
    const history = change(undo(change(begin("a"), "b")), "c");
    expect(redo(history).now).toBe("c");
    expect(undo(history).now).toBe("a");
  });

  it("begins anew after a pause", () => {
    const history = change(settle(change(begin("a"), "b", "typing")), "bc", "typing");
    expect(undo(history).now).toBe("b");
  });
});

describe("difference", () => {
  it("tells added, removed and changed steps, and leaves places out", () => {
    const moved = frozen(MENU, { hello: { x: 1, y: 2 } });
    expect(isSame(moved, MENU)).toBe(false);
    let after = removeSteps(moved, ["who"], TYPES);
    after = setField(after, "hello", "texts", { en: "Good day.", nl: "Hallo." });
    [after] = addStep(after, of("end"));
    const found = difference(MENU, { ...after, fallback: "nl" });
    expect(found.steps).toEqual({ hello: "changed", matter: "changed", who: "removed", bye: "same", end: "added" });
    expect(found.fields).toEqual({ hello: ["texts"], matter: ["choices"] });
    expect(found.flow).toEqual(["fallback"]);
    expect(Object.keys(merged(MENU, after).steps).sort()).toEqual(["bye", "end", "hello", "matter", "who"]);
  });

  it("does not mind the order of fields", () => {
    const bye = { type: "end", note: "x", reason: "y" };
    const turned = { reason: "y", note: "x", type: "end" };
    expect(isSame({ ...MENU, steps: { bye } }, { ...MENU, steps: { bye: turned } })).toBe(true);
  });
});

describe("layout", () => {
  const drawn = layout(MENU, TYPES);

  it("puts the start on top and lets no two steps touch", () => {
    const places = Object.entries(drawn.places);
    expect(Math.min(...places.map(([, at]) => at.y))).toBe(drawn.places.hello?.y);
    for (const [name, one] of places)
      for (const [other, two] of places)
        if (name < other) expect(Math.abs(one.x - two.x) >= WIDTH || Math.abs(one.y - two.y) >= HEIGHT, `${name} on ${other}`).toBe(true);
  });

  it("draws a line for every way out", () => {
    expect(drawn.lines.map((line) => line.id).sort()).toEqual([
      "hello/next",
      "matter/choices[1]",
      "matter/give_up",
      "matter/next",
      "who/branches[0]",
      "who/next",
    ]);
    for (const line of drawn.lines) expect(line.points.length).toBeGreaterThan(1);
  });

  it("leaves a step where somebody put it", () => {
    const moved = frozen(MENU, { ...drawn.places, bye: { x: 900, y: 12 } });
    expect(layout(moved, TYPES).places.bye).toEqual({ x: 900, y: 12 });
    expect(layout(thawed(moved), TYPES)).toEqual(drawn);
  });

  it("draws five thousand steps of any shape, none on another, each below what leads to it", () => {
    let seed = 7;
    const below = (most: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % most;
    };
    const shapes: Record<string, (n: number) => number[]> = {
      chain: (n) => [n + 1],
      tree: (n) => [3 * n + 1, 3 * n + 2, 3 * n + 3],
      mesh: (n) => (n % 3 ? [n + 1] : [n + 1, n + 1 + below(12), n + 1 + below(300), below(n + 1)]),
    };
    for (const [shape, led] of Object.entries(shapes)) {
      const steps: Graph["steps"] = {};
      for (let n = 0; n < 5000; n++)
        steps[`s${n}`] = { type: "decide", branches: led(n).flatMap((to) => (to < 5000 ? [{ next: `s${to}` }] : [])) };
      const { places, lines } = layout({ ...MENU, start: "s0", steps }, TYPES);
      expect(Object.keys(places)).toHaveLength(5000);
      const rows = new Map<number, Point[]>();
      for (const at of Object.values(places)) rows.set(at.y, [...(rows.get(at.y) ?? []), at]);
      for (const row of rows.values()) {
        const columns = row.map((at) => at.x).sort((one, other) => one - other);
        for (const [at, x] of columns.entries()) if (at) expect(x - (columns[at - 1] ?? 0), shape).toBeGreaterThanOrEqual(WIDTH);
      }
      if (shape !== "mesh") for (const line of lines) expect(places[line.to]?.y).toBeGreaterThan(places[line.from]?.y ?? 0);
    }
  });

  it("draws five hundred steps", () => {
    const steps = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [
        `s${n}`,
        { type: "decide", next: `s${(n * 7 + 1) % 500}`, branches: [{ next: `s${n + 1}` }] },
      ]),
    );
    expect(Object.keys(layout({ ...MENU, start: "s0", steps }, TYPES).places)).toHaveLength(500);
  });

  it("knows which step lies where", () => {
    const places = { a: { x: 0, y: 0 }, b: { x: 0, y: 100 }, c: { x: 300, y: 100 } };
    expect(neighbour(places, "a", "down")).toBe("b");
    expect(neighbour(places, "b", "right")).toBe("c");
    expect(neighbour(places, "c", "up")).toBe("a");
    expect(neighbour(places, "a", "up")).toBeNull();
  });

  it("rounds corners and finds the middle", () => {
    const corners = [
      { x: 0, y: 0 },
      { x: 0, y: 40 },
      { x: 40, y: 40 },
    ];
    expect(rounded(corners)).toBe("M0 0L0 32Q0 40 8 40L40 40");
    expect(middle(corners)).toEqual({ x: 0, y: 40 });
    expect(rounded([])).toBe("");
  });
});
