// The controls for the value of a test, by the fact's type and the comparison.

import { element, select } from "./dom";
import { type Fact, SPANS, type Test, takes } from "./model";
import type { ConditionWords } from "./words";

/** Controls that write into `test.value` and then call `tell`. */
export function valueControls(test: Test, fact: Fact | undefined, words: ConditionWords, at: string, tell: () => void): HTMLElement[] {
  const put = (value: unknown) => {
    test.value = value;
    tell();
  };
  const pair = (Array.isArray(test.value) ? test.value : []) as unknown[];
  switch (takes(test.op)) {
    case "none":
      return [];
    case "span":
      return spanControls(String(test.value ?? ""), words, at, put);
    case "two": {
      const both = (number: number, value: unknown) => put([0, 1].map((one) => (one === number ? value : pair[one])));
      return [
        ...oneControl(pair[0], fact, words, words.from, `${at}:value`, (value) => both(0, value)),
        ...oneControl(pair[1], fact, words, words.to, `${at}:to`, (value) => both(1, value)),
      ];
    }
    case "many":
      return [manyControl(pair, fact, words, at, put)];
    case "one":
      return oneControl(test.value, fact, words, words.value, `${at}:value`, put);
  }
}

function oneControl(
  value: unknown,
  fact: Fact | undefined,
  words: ConditionWords,
  label: string,
  at: string,
  put: (value: unknown) => void,
): HTMLElement[] {
  if (fact?.type === "boolean") {
    const made = select(
      [
        ["true", words.yes],
        ["false", words.no],
      ],
      String(value),
      label,
    );
    made.dataset.at = at;
    made.addEventListener("change", () => put(made.value === "true"));
    return [made];
  }
  if (fact?.type === "duration")
    return spanControls(typeof value === "number" ? `${value}s` : String(value ?? ""), words, at.replace(/:\w+$/, ""), put);
  if (fact?.choices.length) {
    const known = fact.choices.some(([code]) => code === value);
    const made = select(known ? fact.choices : [[String(value ?? ""), String(value ?? "")], ...fact.choices], String(value ?? ""), label);
    made.dataset.at = at;
    made.addEventListener("change", () => put(made.value));
    return [made];
  }
  const made = element("input", "form-control");
  made.setAttribute("aria-label", fact?.unit ? `${label} (${fact.unit})` : label);
  made.dataset.at = at;
  const number = fact?.type === "number" || fact?.type === "money";
  made.type = number ? "number" : fact?.type === "date" ? "date" : fact?.type === "datetime" ? "datetime-local" : "text";
  if (number) made.step = "any";
  const money = typeof value === "object" && value !== null && "amount" in value ? (value as { amount: unknown; currency?: string }) : null;
  made.value = fact?.type === "datetime" ? localMoment(String(value ?? "")) : String((money ? money.amount : value) ?? "");
  made.addEventListener("input", () => {
    if (number) {
      if (made.value !== "") put(money ? { ...money, amount: Number(made.value) } : Number(made.value));
    } else put(fact?.type === "datetime" ? isoMoment(made.value) : made.value);
  });
  const unit = fact?.unit ? [Object.assign(element("span", "cb-soft"), { textContent: fact.unit })] : [];
  return [made, ...unit];
}

function spanControls(value: string, words: ConditionWords, at: string, put: (value: string) => void): HTMLElement[] {
  const [, count = "5", unit = "m"] = SPANS.exec(value) ?? [];
  const number = element("input", "form-control cb-cond-number");
  number.type = "number";
  number.min = "0";
  number.value = count;
  number.dataset.at = `${at}:value`;
  number.setAttribute("aria-label", words.value);
  const units = select(words.units, unit, words.unit);
  units.dataset.at = `${at}:unit`;
  const tell = () => {
    if (number.value !== "") put(`${Number(number.value)}${units.value}`);
  };
  number.addEventListener("input", tell);
  units.addEventListener("change", tell);
  return [number, units];
}

/** Values as chips, each with its own way out, and a field for one more. */
function manyControl(
  given: unknown[],
  fact: Fact | undefined,
  words: ConditionWords,
  at: string,
  put: (value: unknown[]) => void,
): HTMLElement {
  const box = element("span", "cb-cond-many");
  let values = [...given];
  const number = fact?.type === "number";
  const draw = (focus: boolean) => {
    box.replaceChildren();
    for (const value of values) {
      const said = fact?.choices.find(([code]) => code === value)?.[1] ?? String(value);
      const chip = element("button", "cb-cond-chip");
      chip.type = "button";
      chip.textContent = `${said} ×`;
      chip.setAttribute("aria-label", words.remove_value.replace("{value}", said));
      chip.addEventListener("click", () => {
        values = values.filter((one) => one !== value);
        put(values);
        draw(true);
      });
      box.append(chip);
    }
    const add = (value: unknown) => {
      if (value === "" || values.includes(value)) return;
      values = [...values, value];
      put(values);
      draw(true);
    };
    const left = fact?.choices.filter(([code]) => !values.includes(code)) ?? [];
    if (fact?.choices.length) {
      if (!left.length) return;
      const more = select([["", words.add_value], ...left], "", words.add_value);
      more.dataset.at = `${at}:value`;
      more.addEventListener("change", () => add(more.value));
      box.append(more);
      if (focus) more.focus();
      return;
    }
    const more = element("input", "form-control");
    more.type = number ? "number" : "text";
    more.placeholder = words.add_value;
    more.setAttribute("aria-label", words.add_value);
    more.dataset.at = `${at}:value`;
    const take = () => {
      if (more.value.trim()) add(number ? Number(more.value) : more.value.trim());
    };
    more.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== ",") return;
      event.preventDefault();
      take();
    });
    more.addEventListener("change", take);
    box.append(more);
    if (focus) more.focus();
  };
  draw(false);
  return box;
}

/** A moment with its zone as the field wants it: in the reader's own time, without zone. */
export function localMoment(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return "";
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What the field says, as a moment with its zone. */
export function isoMoment(local: string): string {
  const moment = new Date(local);
  return Number.isNaN(moment.getTime()) ? "" : moment.toISOString();
}
