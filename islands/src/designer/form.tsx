// The form of a step, made from its type's fields.

import { type ReactNode, useState } from "react";
import { useDesigner } from "./context";
import type { Callable } from "./data";
import { connect, exitsOf, isAsked, mainText, NAME, renameStep, setField, textOf, withText } from "./graph";
import { Button, Icon, Labelled, Select, StepSelect } from "./parts";
import { BranchesControl, ChoicesControl, EndsControl, PointsControl } from "./rows";
import type { Field, Step } from "./types";
import { SeveralControl, useVariables, ValueControl, VariableControl } from "./values";

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

interface ControlProps {
  name: string;
  step: Step;
  field: Field;
  put: (value: unknown) => void;
}

const WHOLE: Record<string, (props: ControlProps) => ReactNode> = {
  texts: TextsControl,
  choices: ({ name, step, field }) => <Group words={field.words} body={<ChoicesControl name={name} step={step} />} />,
  branches: ({ name, step, field }) => <Group words={field.words} body={<BranchesControl name={name} step={step} />} />,
  points: ({ name, step, field }) => <Group words={field.words} body={<PointsControl name={name} step={step} />} />,
  ends: ({ name, step, field }) => <Group words={field.words} body={<EndsControl name={name} step={step} />} />,
  arguments: ArgumentsControl,
  fields: FieldsControl,
  boolean: BooleanControl,
};

function Group({ words, body }: { words: string; body: ReactNode }): ReactNode {
  return (
    <fieldset className="cb-d-group">
      <legend>{words}</legend>
      {body}
    </fieldset>
  );
}

function FieldControl(props: ControlProps): ReactNode {
  const Whole = WHOLE[props.field.kind];
  if (Whole) return <Whole {...props} />;
  return (
    <Labelled words={props.field.words || props.field.name} help={props.field.help}>
      {({ id }) => <Single {...props} id={id} />}
    </Labelled>
  );
}

function Single({ name, step, field, put, id }: ControlProps & { id: string }): ReactNode {
  const { data, graph: flow, w, fixed, change } = useDesigner();
  const variables = useVariables();
  const value = step[field.name];
  const options = field.options.length ? field.options : (data.options[field.kind] ?? []);
  switch (field.kind) {
    case "choice":
    case "flow":
    case "service":
      return (
        <Select id={id} value={String(value ?? "")} options={options} put={(chosen) => put(chosen || undefined)} empty={w("choose")} />
      );
    case "look_up":
    case "act": {
      const known = field.kind === "act" ? data.acts.filter((act) => act.kind === step.type) : data.lookups;
      return (
        <Select
          id={id}
          value={String(value ?? "")}
          options={known.map((one) => [one.name, one.words])}
          put={(chosen) => put(chosen || undefined)}
          empty={w("choose")}
        />
      );
    }
    case "variable":
      return (
        <VariableControl
          id={id}
          value={String(value ?? "")}
          type={TYPE_OF_ANSWER[String(step.kind)] ?? (step.type === "score" ? "number" : "text")}
          put={(graph, chosen) => change(setField(graph, name, field.name, chosen || undefined))}
        />
      );
    case "variables":
      return <SeveralControl value={value} options={variables} label={field.words} put={(now) => put(now.length ? now : undefined)} />;
    case "languages":
      return <SeveralControl value={value} options={[...variables, ...data.languages]} label={field.words} put={put} />;
    case "value":
      return (
        <ValueControl
          id={id}
          value={value}
          label={field.words}
          kind={typeOfVariable(step, data.built_in, flow.variables ?? {})}
          put={put}
        />
      );
    case "queue":
    case "text_or_variable":
      return (
        <ValueControl
          id={id}
          value={value}
          label={field.words}
          options={options}
          put={(now) => put(now === "" ? (field.required ? "" : undefined) : now)}
        />
      );
    case "integer":
    case "number":
      return (
        <input
          id={id}
          className="form-control cb-cond-number"
          type="number"
          step={field.kind === "integer" ? 1 : "any"}
          placeholder={field.default === null ? "" : String(field.default)}
          value={typeof value === "number" ? value : ""}
          disabled={fixed}
          onChange={(event) => put(event.target.value === "" ? undefined : Number(event.target.value))}
        />
      );
    case "key":
    case "text":
      return (
        <input
          id={id}
          className={`form-control${field.kind === "key" ? " cb-d-key" : ""}`}
          maxLength={field.kind === "key" ? 1 : 2000}
          placeholder={field.default === null ? "" : String(field.default)}
          value={String(value ?? "")}
          disabled={fixed}
          onChange={(event) => put(event.target.value || undefined)}
        />
      );
    default:
      return <JsonControl id={id} value={value} put={put} />;
  }
}

const TYPE_OF_ANSWER: Record<string, string> = { number: "number", rating: "number", date: "date", multiple: "list", choice: "choice" };

function typeOfVariable(step: Step, builtIn: Record<string, string>, variables: Record<string, { type: string }>): string {
  const name = String(step.name ?? "");
  return variables[name]?.type ?? builtIn[name] ?? "text";
}

/** A field of a kind that this designer does not know: as it is written. */
function JsonControl({ value, put, id }: { value: unknown; put: (value: unknown) => void; id: string }): ReactNode {
  const { fixed } = useDesigner();
  const [typed, setTyped] = useState(() => JSON.stringify(value) ?? "");
  return (
    <input
      id={id}
      className="form-control cb-d-code"
      value={typed}
      disabled={fixed}
      onChange={(event) => {
        setTyped(event.target.value);
        try {
          put(event.target.value ? JSON.parse(event.target.value) : undefined);
        } catch {
          // not JSON yet: it is kept in the field only
        }
      }}
    />
  );
}

function BooleanControl({ step, field, put }: ControlProps): ReactNode {
  const { fixed } = useDesigner();
  return (
    <label className="cb-check cb-d-check" title={field.help}>
      <input
        type="checkbox"
        checked={step[field.name] === true}
        disabled={fixed}
        onChange={(event) => put(event.target.checked || undefined)}
      />
      {field.words}
    </label>
  );
}

function TextsControl({ step, field, put }: ControlProps): ReactNode {
  const { language, graph, types, w, fixed } = useDesigner();
  const variables = useVariables();
  const given = step[field.name];
  const [open, setOpen] = useState(false);
  const always = field.required || field.name === mainText(types[step.type])?.name;
  if (!always && given === undefined && !open)
    return fixed ? null : (
      <Button kind="cb-btn-bare cb-d-addtext" icon="plus" title={field.help} run={() => setOpen(true)}>
        {w("add_text", { what: field.words })}
      </Button>
    );
  const text = rawText(given, language);
  const shown = graph.languages.find((code) => code !== language && textOf(given, code));
  const write = (words: string) => {
    const texts = withText(given, language, words);
    put(Object.keys(texts).length || always ? texts : undefined);
  };
  const recorded = typeof given === "object" && given !== null && typeof (given as Record<string, unknown>)[language] === "object";
  return (
    <Labelled
      words={field.words}
      help={recorded ? w("recorded_text") : field.help}
      aside={
        variables.length && !fixed ? (
          <select
            className="cb-d-insert"
            aria-label={w("insert_variable")}
            title={w("insert_variable")}
            value=""
            onChange={(event) => event.target.value && write(`${text}${text && !text.endsWith(" ") ? " " : ""}{${event.target.value}}`)}
          >
            <option value="">{"{ }"}</option>
            {variables.map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        ) : null
      }
    >
      {(ids) => (
        <>
          <textarea
            {...ids}
            className="form-control cb-d-text"
            lang={language}
            rows={Math.min(6, Math.max(2, Math.ceil(text.length / 40)))}
            value={text}
            disabled={fixed}
            onChange={(event) => write(event.target.value)}
          />
          {!text.trim() && shown ? (
            <span className="cb-field-help" lang={shown}>
              {textOf(given, shown)}
            </span>
          ) : null}
        </>
      )}
    </Labelled>
  );
}

function rawText(texts: unknown, language: string): string {
  const given = typeof texts === "object" && texts !== null ? (texts as Record<string, unknown>)[language] : undefined;
  const text = typeof given === "object" && given !== null ? (given as { text?: unknown }).text : given;
  return typeof text === "string" ? text : "";
}

function calledBy(step: Step, lookups: Callable[], acts: Callable[]): Callable | undefined {
  return [...(step.type === "look_up" ? lookups : acts)].find((one) => one.name === step.name);
}

/** What a look-up or an act is given: one row for each argument. */
function ArgumentsControl({ step, field, put }: ControlProps): ReactNode {
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
function FieldsControl({ name, step, field, put }: ControlProps): ReactNode {
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
