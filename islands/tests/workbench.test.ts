import { describe, expect, it } from "vitest";
import { copied, freshId, movedTo, removed, replaced, Steps } from "../src/workbench/body";
import { NotUnderstood, thenOf, thenText, whenOf, whenText } from "../src/workbench/cells";
import { linesOf, rowsOf, separatorOf, tabbed, textOf } from "../src/workbench/csv";
import { type Box, cleared, filledDown, offered, pasted, textsIn, textsOf } from "../src/workbench/sheet";
import type { Body, Table } from "../src/workbench/types";

const BODY: Body = {
  mode: "first",
  rules: [
    { id: "a", name: "A" },
    { id: "b", name: "B" },
    { id: "c", name: "C" },
  ],
};
const ids = (body: Body) => body.rules.map((rule) => rule.id).join("");
const WORDS = { yes: "yes", no: "no", to: "to", any: "any", copy_of: "Copy of {name}" };
const SEGMENT = {
  name: "s",
  words: "Segment",
  type: "choice",
  choices: [
    ["gold", "Gold"],
    ["silver", "Silver"],
  ] as [string, string][],
  unit: "",
};
const DAYS = { name: "d", words: "Days", type: "number", choices: [], unit: "days" };
const SAFE = { name: "f", words: "Safe", type: "boolean", choices: [], unit: "" };

describe("a body", () => {
  it("moves, copies and takes rules away, and leaves the old body alone", () => {
    expect(ids(movedTo(BODY, "a", 2))).toBe("bca");
    expect(ids(movedTo(BODY, "c", -4))).toBe("cab");
    expect(ids(removed(BODY, "b"))).toBe("ac");
    expect(copied(BODY, "a", WORDS).rules[1]).toEqual({ id: "a-2", name: "Copy of A" });
    expect(freshId(BODY, "d")).toBe("d");
    expect(replaced(BODY, "b", { name: undefined, note: "n" } as never).rules[1]).toEqual({ id: "b", note: "n" });
    expect(ids(BODY)).toBe("abc");
  });

  it("goes back and forth, typing in one field as one step", () => {
    const steps = new Steps(BODY);
    for (const name of ["X", "XY", "XYZ"]) steps.take(replaced(steps.now, "a", { name }), "a:name");
    steps.take(removed(steps.now, "c"));
    expect(steps.back()).toBe(true);
    expect(steps.now.rules[0]?.name).toBe("XYZ");
    expect(steps.back()).toBe(true);
    expect(steps.now).toBe(BODY);
    expect(steps.back()).toBe(false);
    steps.forth();
    steps.forth();
    expect(ids(steps.now)).toBe("ab");
  });
});

describe("cells of a decision table", () => {
  it("are read as their fact wants them", () => {
    expect(whenOf(" Gold ", SEGMENT, "is", WORDS)).toBe("gold");
    expect(whenOf("gold; SILVER", SEGMENT, "in", WORDS)).toEqual(["gold", "silver"]);
    expect(whenOf("1.000,5".replace(".", ""), DAYS, "more", WORDS)).toBe(1000.5);
    expect(whenOf("1 000", DAYS, "more", WORDS)).toBe(1000);
    expect(whenOf("1 .. 30", DAYS, "between", WORDS)).toEqual([1, 30]);
    expect(whenOf("5-9", DAYS, "between", WORDS)).toEqual([5, 9]);
    expect(whenOf("ja", SAFE, "is", WORDS)).toBe(true);
    expect(whenOf("No", SAFE, "is", WORDS)).toBe(false);
    for (const empty of ["", "  ", "-", "any"]) expect(whenOf(empty, DAYS, "more", WORDS)).toBeNull();
    expect(thenOf("3", { name: "p", type: "int", label: "p", required: true, options: [] }, WORDS)).toBe(3);
    expect(() => whenOf("platinum", SEGMENT, "is", WORDS)).toThrow(NotUnderstood);
    expect(() => whenOf("many", DAYS, "more", WORDS)).toThrow(NotUnderstood);
    expect(() => thenOf("2.5", { name: "p", type: "int", label: "p", required: true, options: [] }, WORDS)).toThrow(NotUnderstood);
  });

  it("come back as they were written", () => {
    for (const [fact, op, value] of [
      [SEGMENT, "is", "gold"],
      [SEGMENT, "in", ["gold", "silver"]],
      [DAYS, "between", [1, 30]],
      [DAYS, "more", 2.5],
      [SAFE, "is", false],
      [DAYS, "is", null],
    ] as const)
      expect(whenOf(whenText(value as never, fact, op, WORDS), fact, op, WORDS)).toEqual(value);
    const queue = { name: "queue", type: "str", label: "queue", required: true, options: [["c", "Collections"]] as [string, string][] };
    expect(thenText("c", queue, WORDS)).toBe("Collections");
    expect(thenOf("collections", queue, WORDS)).toBe("c");
  });
});

describe("CSV", () => {
  it("is read whatever a spreadsheet makes of it", () => {
    expect(rowsOf('a,b\r\n"x, ""y""","two\nlines"\r\n\r\n')).toEqual([
      ["a", "b"],
      ['x, "y"', "two\nlines"],
    ]);
    expect(separatorOf('"a,b";c;d')).toBe(";");
    expect(rowsOf("\uFEFFa;b\n1;2")).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
    expect(rowsOf('a\t"never ends\nb', "\t")).toEqual([["a", "never ends\nb"]]);
  });

  it("is written so that no spreadsheet takes it for a formula, and read again", () => {
    const rows = [
      ["=1+1", "-3", 'say "hi"'],
      ["a;b", "c,d", "e\nf"],
    ];
    expect(textOf(rows).startsWith("'=1+1,-3,")).toBe(true);
    expect(rowsOf(textOf(rows), ",")[1]).toEqual(rows[1]);
  });
});

const KNOWN = {
  facts: new Map([SEGMENT, DAYS].map((fact) => [fact.name, fact])),
  verbs: [
    {
      name: "queue",
      words: "send it to a queue",
      fields: [
        {
          name: "queue",
          type: "str",
          label: "Queue",
          required: true,
          options: [
            ["c", "Collections"],
            ["s", "Service"],
          ] as [string, string][],
        },
      ],
    },
  ],
  words: { ...WORDS, note_column: "Note" },
};
const row = (segment: string | null, days: number | null, queue: string | null) => ({ when: [segment, days], do: [queue] });
const TABLE: Table = {
  inputs: [
    { fact: "s", op: "is" },
    { fact: "d", op: "more" },
  ],
  outputs: [{ do: "queue", field: "queue" }],
  rows: [row("gold", 1, "s"), row("silver", null, "c"), row(null, 9, null)],
};
const box = (top: number, left: number, bottom: number, right: number): Box => ({ top, left, bottom, right });

describe("a decision table as a sheet", () => {
  it("takes pasted rows from a cell on, adds rows, and keeps what is not understood", () => {
    const made = pasted(KNOWN, TABLE, rowsOf("30\tService\nmany\tNowhere\tfor now", "\t"), 2, 1);
    expect(made.bad).toBe(2);
    expect(made.table.rows[2]).toEqual(row(null, 30, "s"));
    expect(made.table.rows[3]).toEqual({ when: [null, "many"], do: ["Nowhere"], note: "for now" });
    expect(TABLE.rows).toHaveLength(3);
  });

  it("fills down, empties and copies what is chosen", () => {
    expect(filledDown(TABLE, box(0, 0, 2, 1)).rows.map((one) => one.when)).toEqual([
      ["gold", 1],
      ["gold", 1],
      ["gold", 1],
    ]);
    expect(filledDown(TABLE, box(1, 2, 1, 2)).rows[1]?.do).toEqual(["s"]);
    expect(filledDown(TABLE, box(0, 0, 0, 0))).toBe(TABLE);
    expect(cleared(TABLE, box(0, 1, 1, 2)).rows.slice(0, 2)).toEqual([row("gold", null, null), row("silver", null, null)]);
    expect(tabbed(textsIn(KNOWN, TABLE, box(0, 1, 1, 2)))).toBe("1\tService\n\tCollections");
  });

  it("says of a file line by line what it would take in and what it refuses", () => {
    const lines = linesOf('queue;segment;colour\nCollections;Gold;red\nNowhere;gold;\n\nservice;"platinum";x\nservice;;');
    const offer = offered(KNOWN, TABLE, lines);
    expect(offer.rows).toEqual([
      { line: 2, row: row("gold", null, "c") },
      { line: 6, row: row(null, null, "s") },
    ]);
    expect(offer.refused).toEqual([
      { line: 3, column: "Queue", text: "Nowhere", expected: "Collections, Service" },
      { line: 5, column: "Segment", text: "platinum", expected: "Gold, Silver" },
    ]);
    expect([offer.unused, offer.missing]).toEqual([["colour"], ["Days"]]);
  });

  it("takes a file without names in the order of the columns, and refuses lines that are too wide", () => {
    const offer = offered(KNOWN, TABLE, linesOf("gold,3,Service,why\ngold,3,Service,why,what"));
    expect(offer.rows).toEqual([{ line: 1, row: { ...row("gold", 3, "s"), note: "why" } }]);
    expect(offer.refused).toMatchObject([{ line: 2, column: "", text: "what" }]);
    expect(offered(KNOWN, TABLE, [])).toEqual({ rows: [], refused: [], unused: [], missing: [] });
    expect(offered(KNOWN, TABLE, linesOf("gold\n".repeat(5001))).refused).toHaveLength(1);
  });

  it("reads its own export again", () => {
    const odd: Table = { ...TABLE, rows: [...TABLE.rows, { ...row("gold", 2.5, "c"), note: '=1+1; "odd"\nnote' }] };
    expect(offered(KNOWN, odd, linesOf(textOf(textsOf(KNOWN, odd)))).rows.map((one) => one.row)).toEqual(odd.rows);
  });
});
