// Rows of a step: choices of a question, branches of a decision, points of a score, ends of a sub-flow.

import { type ReactNode, useEffect, useRef } from "react";
import { ConditionEditor } from "../conditions/editor";
import type { Condition } from "../conditions/model";
import { useDesigner } from "./context";
import { connect, setField, textOf, withText } from "./graph";
import { Button, Icon } from "./parts";
import { StepSelect } from "./steppick";
import type { Step } from "./types";

type Row = Record<string, unknown>;

const rowsOf = (step: Step, field: string): Row[] => (Array.isArray(step[field]) ? (step[field] as Row[]) : []);

function RowActs({ number, rows, put }: { number: number; rows: Row[]; put: (rows: Row[]) => void }): ReactNode {
  const { w, fixed } = useDesigner();
  if (fixed) return null;
  const swap = (other: number) => {
    const moved = [...rows];
    [moved[number], moved[other]] = [moved[other] as Row, moved[number] as Row];
    put(moved);
  };
  return (
    <span className="cb-d-acts">
      <button type="button" aria-label={w("row_up", { number: number + 1 })} disabled={number === 0} onClick={() => swap(number - 1)}>
        ↑
      </button>
      <button
        type="button"
        aria-label={w("row_down", { number: number + 1 })}
        disabled={number === rows.length - 1}
        onClick={() => swap(number + 1)}
      >
        ↓
      </button>
      <button type="button" aria-label={w("row_remove", { number: number + 1 })} onClick={() => put(rows.filter((_, at) => at !== number))}>
        <Icon name="x" size={12} />
      </button>
    </span>
  );
}

export function ChoicesControl({ name, step }: { name: string; step: Step }): ReactNode {
  const { graph, doc, change, language, w, fixed } = useDesigner();
  const rows = rowsOf(step, "choices");
  const onScreen = doc.surfaces.some((surface) => surface !== "ivr" && surface !== "journey");
  const put = (now: Row[], kind = "") => change(setField(graph, name, "choices", now), kind);
  const putRow = (number: number, field: string, value: unknown) => {
    const now = rows.map((row, at) => {
      if (at !== number) return row;
      const { [field]: _, ...rest } = row;
      return value === undefined ? rest : { ...row, [field]: value };
    });
    put(now, `${name}.choices.${number}.${field}`);
  };
  const freeKey = [..."123456789"].find((key) => key !== graph.person_key && !rows.some((row) => row.key === key));
  return (
    <div className="cb-d-rows">
      {rows.map((row, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names of their own
        <fieldset key={number} className="cb-d-row">
          <legend className="visually-hidden">{w("choice", { number: number + 1 })}</legend>
          <div className="cb-d-row-line">
            <input
              className="form-control cb-d-key"
              aria-label={w("choice_key", { number: number + 1 })}
              title={w("key")}
              maxLength={1}
              value={String(row.key ?? "")}
              disabled={fixed}
              onChange={(event) => putRow(number, "key", event.target.value || undefined)}
            />
            <input
              className="form-control"
              aria-label={w("choice_value", { number: number + 1 })}
              title={w("value")}
              placeholder={w("value")}
              value={String(row.value ?? "")}
              disabled={fixed}
              onChange={(event) => putRow(number, "value", event.target.value)}
            />
            <RowActs number={number} rows={rows} put={put} />
          </div>
          {onScreen || row.texts !== undefined ? (
            <input
              className="form-control"
              lang={language}
              aria-label={w("choice_words", { number: number + 1 })}
              placeholder={w("choice_words_hint")}
              value={textOf(row.texts, language)}
              disabled={fixed}
              onChange={(event) => {
                const texts = withText(row.texts, language, event.target.value);
                putRow(number, "texts", Object.keys(texts).length ? texts : undefined);
              }}
            />
          ) : null}
          <StepSelect
            step={name}
            exit={`choices[${number}]`}
            target={typeof row.next === "string" && row.next ? row.next : null}
            put={(target) => change(connect(graph, name, `choices[${number}]`, target))}
            label={w("choice_next", { number: number + 1 })}
            none={w("as_next")}
          />
        </fieldset>
      ))}
      {fixed ? null : (
        <Button
          icon="plus"
          run={() => put([...rows, { ...(freeKey ? { key: freeKey } : {}), value: freeKey ?? `choice_${rows.length + 1}` }])}
        >
          {w("add_choice")}
        </Button>
      )}
    </div>
  );
}

/** A condition beside React: the editor is plain DOM and keeps its own fields. */
function ConditionBox({ value, put, label }: { value: unknown; put: (condition: Condition | null) => void; label: string }): ReactNode {
  const { facts, data, fixed } = useDesigner();
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<ConditionEditor | null>(null);
  const tell = useRef(put);
  tell.current = put;
  const known = JSON.stringify(facts.map((fact) => [fact.name, fact.type, fact.words, fact.choices]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: `known` stands for the facts, which are made anew at every change
  useEffect(() => {
    if (!host.current) return;
    host.current.replaceChildren();
    editor.current = new ConditionEditor(host.current, {
      facts,
      words: data.conditions,
      changed: (condition) => tell.current(condition),
      readOnly: fixed,
      label,
    });
    editor.current.set(value);
  }, [known, fixed, label]);
  useEffect(() => editor.current?.set(value), [value]);
  return <div ref={host} />;
}

export function BranchesControl({ name, step }: { name: string; step: Step }): ReactNode {
  const { graph, change, w, fixed } = useDesigner();
  const rows = rowsOf(step, "branches");
  const put = (now: Row[], kind = "") => change(setField(graph, name, "branches", now), kind);
  return (
    <div className="cb-d-rows">
      {rows.map((row, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names of their own
        <fieldset key={number} className="cb-d-row">
          <legend className="visually-hidden">{w("branch", { number: number + 1 })}</legend>
          <div className="cb-d-row-line">
            <span className="cb-soft">{w("branch_if", { number: number + 1 })}</span>
            <RowActs number={number} rows={rows} put={put} />
          </div>
          <ConditionBox
            value={row.when}
            label={w("branch", { number: number + 1 })}
            put={(when) =>
              put(
                rows.map((one, at) => (at === number ? { ...one, when: when ?? undefined } : one)),
                `${name}.branches.${number}`,
              )
            }
          />
          <StepSelect
            step={name}
            exit={`branches[${number}]`}
            target={typeof row.next === "string" && row.next ? row.next : null}
            put={(target) => change(connect(graph, name, `branches[${number}]`, target))}
            label={w("branch_next", { number: number + 1 })}
            none={w("nowhere_yet")}
          />
        </fieldset>
      ))}
      {fixed ? null : (
        <Button icon="plus" run={() => put([...rows, {}])}>
          {w("add_branch")}
        </Button>
      )}
    </div>
  );
}

export function PointsControl({ name, step }: { name: string; step: Step }): ReactNode {
  const { graph, change, w, fixed } = useDesigner();
  const rows = rowsOf(step, "points");
  const put = (now: Row[], kind = "") => change(setField(graph, name, "points", now), kind);
  const putRow = (number: number, more: Row) =>
    put(
      rows.map((one, at) => (at === number ? { ...one, ...more } : one)),
      `${name}.points.${number}`,
    );
  return (
    <div className="cb-d-rows">
      {rows.map((row, number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no names of their own
        <fieldset key={number} className="cb-d-row">
          <legend className="visually-hidden">{w("branch", { number: number + 1 })}</legend>
          <div className="cb-d-row-line">
            <label className="cb-inline">
              {w("points")}
              <input
                className="form-control cb-cond-number"
                type="number"
                step="any"
                value={typeof row.points === "number" ? row.points : ""}
                disabled={fixed}
                onChange={(event) => event.target.value !== "" && putRow(number, { points: Number(event.target.value) })}
              />
            </label>
            <RowActs number={number} rows={rows} put={put} />
          </div>
          <ConditionBox
            value={row.when}
            label={w("branch", { number: number + 1 })}
            put={(when) => putRow(number, { when: when ?? undefined })}
          />
        </fieldset>
      ))}
      {fixed ? null : (
        <Button icon="plus" run={() => put([...rows, { points: 1 }])}>
          {w("add_points")}
        </Button>
      )}
    </div>
  );
}

export function EndsControl({ name, step }: { name: string; step: Step }): ReactNode {
  const { graph, change, w, fixed } = useDesigner();
  const ends = Object.entries(Object(step.ends) as Record<string, string>);
  const put = (now: [string, string][]) =>
    change(setField(graph, name, "ends", now.length ? Object.fromEntries(now) : undefined), `${name}.ends`);
  return (
    <div className="cb-d-rows">
      {ends.map(([reason, target], number) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the reason is being typed
        <fieldset key={number} className="cb-d-row">
          <legend className="visually-hidden">{w("end_reason")}</legend>
          <div className="cb-d-row-line">
            <input
              className="form-control"
              aria-label={w("end_reason")}
              value={reason}
              disabled={fixed}
              onChange={(event) => put(ends.map((one, at) => (at === number ? [event.target.value, target] : one)))}
            />
            {fixed ? null : (
              <span className="cb-d-acts">
                <button
                  type="button"
                  aria-label={w("row_remove", { number: number + 1 })}
                  onClick={() => put(ends.filter((_, at) => at !== number))}
                >
                  <Icon name="x" size={12} />
                </button>
              </span>
            )}
          </div>
          <StepSelect
            step={name}
            exit={`ends[${reason}]`}
            target={target || null}
            put={(to) => change(connect(graph, name, `ends[${reason}]`, to))}
            label={w("end_next")}
            none={w("nowhere_yet")}
          />
        </fieldset>
      ))}
      {fixed ? null : (
        <Button icon="plus" run={() => put([...ends, [`end_${ends.length + 1}`, ""]])}>
          {w("add_end")}
        </Button>
      )}
    </div>
  );
}
