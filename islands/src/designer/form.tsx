// The form of a step, made from its type's fields.

import { type ReactNode, useState } from "react";
import { useDesigner } from "./context";
import { FieldControl } from "./fields";
import { connect, exitsOf, isAsked, mainText, NAME, renameStep, setField, textOf } from "./graph";
import { Icon, Labelled } from "./parts";
import { StepSelect } from "./steppick";
import type { Field, Step } from "./types";

export function StepForm({ name }: { name: string }): ReactNode {
  const { graph, types, change, w, fixed, problems } = useDesigner();
  const step = graph.steps[name];
  if (!step) return null;
  const type = types[step.type];
  const put = (field: string, value: unknown, kind = `${name}.${field}`) => change(setField(graph, name, field, value), kind);
  // Languages without words are marked on the row of languages.
  const own = problems.filter((problem) => problem.step === name && (problem.code !== "language" || problem.level === "error"));
  return (
    <div className="cb-d-form">
      <header className="cb-head">
        <h2>
          {type ? <Icon name={type.icon} /> : null} {type?.words ?? step.type}
        </h2>
        <Languages step={step} fields={type?.fields ?? []} />
      </header>
      {own.length ? (
        <ul className="cb-d-own">
          {own.map((problem) => (
            <li key={`${problem.code}${problem.message}`} className={problem.level === "error" ? "cb-bad" : "cb-warn"}>
              <Icon name={problem.level === "error" ? "alert-circle" : "alert-triangle"} size={14} label={w(problem.level)} />{" "}
              {problem.message}
            </li>
          ))}
        </ul>
      ) : null}
      {type ? null : <p className="cb-bad">{w("unknown_type", { type: step.type })}</p>}
      {type?.fields
        .filter((field) => isAsked(field, step))
        .map((field) => (
          <FieldControl key={field.name} name={name} step={step} field={field} put={(value) => put(field.name, value)} />
        ))}
      <Exits name={name} step={step} />
      <details className="cb-d-more" open={Boolean(step.note || step.title)}>
        <summary>{w("name_and_note")}</summary>
        <Labelled words={w("title_of_step")} help={w("title_help")}>
          {(ids) => (
            <input
              {...ids}
              className="form-control"
              value={String(step.title ?? "")}
              disabled={fixed}
              onChange={(event) => put("title", event.target.value || undefined)}
            />
          )}
        </Labelled>
        <Rename key={name} name={name} />
        <Labelled words={w("note")}>
          {(ids) => (
            <textarea
              {...ids}
              className="form-control"
              rows={2}
              value={String(step.note ?? "")}
              disabled={fixed}
              onChange={(event) => put("note", event.target.value || undefined)}
            />
          )}
        </Labelled>
      </details>
    </div>
  );
}

function Rename({ name }: { name: string }): ReactNode {
  const { graph, types, change, choose, w, fixed } = useDesigner();
  const [typed, setTyped] = useState(name);
  const taken = typed !== name && (typed in graph.steps || !NAME.test(typed));
  const keep = () => {
    const now = renameStep(graph, name, typed, types);
    if (now === graph) return setTyped(name);
    change(now);
    choose([typed]);
  };
  return (
    <Labelled words={w("code_of_step")} help={taken ? w("code_taken") : w("code_help")}>
      {(ids) => (
        <input
          {...ids}
          className={`form-control cb-d-code${taken ? " cb-bad-field" : ""}`}
          value={typed}
          disabled={fixed}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={keep}
          onKeyDown={(event) => event.key === "Enter" && keep()}
        />
      )}
    </Labelled>
  );
}

/** The languages of the flow; those in which this step lacks words are marked. */
function Languages({ step, fields }: { step: Step; fields: Field[] }): ReactNode {
  const { graph, language, speak, data, types, w } = useDesigner();
  const texts = fields.filter(
    (field) => field.kind === "texts" && (field.required || field === mainText(types[step.type]) || step[field.name] !== undefined),
  );
  if (!fields.some((field) => field.kind === "texts" || field.kind === "choices")) return null;
  return (
    <fieldset className="cb-seg" aria-label={w("language")}>
      {graph.languages.map((code) => {
        const lacks = texts.some((field) => !textOf(step[field.name], code));
        const words = data.languages.find(([one]) => one === code)?.[1] ?? code;
        return (
          <button
            key={code}
            type="button"
            aria-pressed={code === language}
            title={lacks ? w("lacks_words", { language: words }) : words}
            onClick={() => speak(code)}
          >
            {code.split("-")[0]}
            {lacks ? (
              <>
                {" "}
                <Icon name="alert-circle" size={12} label={w("lacks_words", { language: words })} />
              </>
            ) : null}
          </button>
        );
      })}
    </fieldset>
  );
}

function Exits({ name, step }: { name: string; step: Step }): ReactNode {
  const { graph, types, change, w } = useDesigner();
  const type = types[step.type];
  const exits = exitsOf(step, type).filter((exit) => !exit.name.includes("["));
  if (!type || !exits.length) return null;
  return (
    <fieldset className="cb-d-exits">
      <legend>{w("then")}</legend>
      {exits.map((exit) => {
        const words = type.exits.find((one) => one.name === exit.name)?.words || w("next");
        return (
          <Labelled key={exit.name} words={words}>
            {({ id }) => (
              <StepSelect
                id={id}
                step={name}
                exit={exit.name}
                target={exit.target}
                put={(target) => change(connect(graph, name, exit.name, target))}
                none={exit.needed ? w("nowhere_yet") : w("not_used")}
              />
            )}
          </Labelled>
        );
      })}
    </fieldset>
  );
}
