// One field of a step's form: which control each kind of field gets.

import { type ReactNode, useState } from "react";
import { ArgumentsControl, FieldsControl } from "./called";
import { useDesigner } from "./context";
import { mainText, setField, textOf, withText } from "./graph";
import { Button, Group, Labelled, Select } from "./parts";
import { BranchesControl, ChoicesControl, EndsControl, PointsControl } from "./rows";
import type { Field, Step } from "./types";
import { SeveralControl, useVariables, ValueControl, VariableControl } from "./values";

export interface ControlProps {
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

export function FieldControl(props: ControlProps): ReactNode {
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
