// What a look-up or an act is given, and what of its answer is kept.

import type { ReactNode } from "react";
import { useDesigner } from "./context";
import type { Callable } from "./data";
import type { ControlProps } from "./fields";
import { setField } from "./graph";
import { Group, Labelled, Select } from "./parts";
import type { Step } from "./types";
import { ValueControl, VariableControl } from "./values";

function calledBy(step: Step, lookups: Callable[], acts: Callable[]): Callable | undefined {
  return [...(step.type === "look_up" ? lookups : acts)].find((one) => one.name === step.name);
}

/** What a look-up or an act is given: one row for each argument. */
export function ArgumentsControl({ step, field, put }: ControlProps): ReactNode {
  const { data, w } = useDesigner();
  const given = (typeof step[field.name] === "object" && step[field.name]) || {};
  const args = given as Record<string, unknown>;
  const names = [...new Set([...(calledBy(step, data.lookups, data.acts)?.args ?? []), ...Object.keys(args)])];
  if (!names.length) return null;
  return (
    <Group
      words={field.words || w("arguments")}
      body={names.map((name) => (
        <Labelled key={name} words={name.replace(/_/g, " ")}>
          {({ id }) => (
            <ValueControl
              id={id}
              value={args[name]}
              label={name}
              put={(value) => {
                const { [name]: _, ...rest } = args;
                put(value === "" || value === undefined ? rest : { ...args, [name]: value });
              }}
            />
          )}
        </Labelled>
      ))}
    />
  );
}

/** What of an answer goes into which variable. */
export function FieldsControl({ name, step, field, put }: ControlProps): ReactNode {
  const { data, w, fixed, change, graph } = useDesigner();
  const kept = Object.entries(((typeof step[field.name] === "object" && step[field.name]) || {}) as Record<string, unknown>);
  const gives = calledBy(step, data.lookups, data.acts)?.gives ?? {};
  const given: [string, string][] = Object.keys(gives).map((one) => [one, one.replace(/_/g, " ")]);
  const putRows = (rows: [string, unknown][]) => put(rows.length ? Object.fromEntries(rows) : undefined);
  return (
    <Group
      words={field.words || w("keeps")}
      body={
        <div className="cb-d-rows">
          {kept.map(([variable, from], number) => (
            <div className="cb-d-row-line" key={variable}>
              {given.length ? (
                <Select
                  value={String(from)}
                  options={given}
                  label={w("answer_field")}
                  put={(chosen) => putRows(kept.map((one, at) => (at === number ? [variable, chosen] : one)))}
                />
              ) : (
                <input
                  className="form-control"
                  aria-label={w("answer_field")}
                  value={String(from)}
                  disabled={fixed}
                  onChange={(event) => putRows(kept.map((one, at) => (at === number ? [variable, event.target.value] : one)))}
                />
              )}
              <span aria-hidden="true">→</span>
              <VariableControl
                value={variable}
                type={gives[String(from)] ?? "text"}
                label={w("into_variable")}
                put={(now, chosen) => {
                  const rows = kept.map((one, at) => (at === number ? [chosen, from] : one)) as [string, unknown][];
                  change(setField(now, name, field.name, Object.fromEntries(rows.filter(([one]) => one))));
                }}
              />
            </div>
          ))}
          {fixed ? null : (
            <VariableControl
              value=""
              type={gives[given[0]?.[0] ?? ""] ?? "text"}
              label={w("keep_more")}
              none={w("keep_more")}
              put={(now, chosen) => {
                if (!chosen) return;
                const rows: [string, unknown][] = [
                  ...kept,
                  [chosen, given.find(([one]) => !kept.some(([, from]) => from === one))?.[0] ?? ""],
                ];
                change(setField(now === graph ? graph : now, name, field.name, Object.fromEntries(rows)));
              }}
            />
          )}
        </div>
      }
    />
  );
}
