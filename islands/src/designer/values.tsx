// Controls for values: as given or from a variable, several variables, a variable that is set.

import { type ReactNode, useState } from "react";
import { useDesigner } from "./context";
import { plain } from "./labels";
import { Icon, Select } from "./parts";
import type { Graph } from "./types";

type Put = (value: unknown) => void;
interface FromVariable {
  var: string;
  else?: unknown;
}

export const isVariable = (value: unknown): value is FromVariable => typeof value === "object" && value !== null && "var" in value;

/** Variables of the flow by name and words, those that every flow has among them. */
export function useVariables(): [string, string][] {
  const { facts } = useDesigner();
  return facts.map((fact) => [fact.name, fact.words === plain(fact.name) ? fact.name : `${fact.words} (${fact.name})`]);
}

/** One value: typed in or chosen, or what a variable has, with something else where that has nothing. */
export function ValueControl({
  value,
  put,
  label,
  options,
  id,
  kind = "text",
}: {
  value: unknown;
  put: Put;
  label: string;
  options?: readonly [string, string][];
  id?: string | undefined;
  kind?: string;
}): ReactNode {
  const { w } = useDesigner();
  const variables = useVariables();
  const from = isVariable(value);
  const given = from ? (value.else ?? "") : (value ?? "");
  const putGiven = (now: unknown) => {
    if (!from) put(now);
    else if (now === "" || now === undefined) put({ var: value.var });
    else put({ ...value, else: now });
  };
  return (
    <div className="cb-d-value">
      <Select
        value={from ? `var:${value.var}` : "given"}
        id={from ? id : undefined}
        label={w("value_from", { what: label })}
        options={[["given", w("as_given")], ...variables.map(([name, words]) => [`var:${name}`, words] as [string, string])]}
        put={(chosen) => put(chosen === "given" ? given : { var: chosen.slice(4), ...(given === "" ? {} : { else: given }) })}
      />
      <Given
        value={given}
        put={putGiven}
        kind={kind}
        label={from ? w("else_value", { what: label }) : label}
        empty={from ? w("else_none") : ""}
        {...(options ? { options } : {})}
        {...(id && !from ? { id } : {})}
      />
    </div>
  );
}

function Given({
  value,
  put,
  kind,
  label,
  options,
  id,
  empty,
}: {
  value: unknown;
  put: Put;
  kind: string;
  label: string;
  options?: readonly [string, string][];
  id?: string | undefined;
  empty: string;
}): ReactNode {
  const { fixed, w } = useDesigner();
  if (options?.length)
    return <Select value={String(value ?? "")} options={options} put={put} label={label} empty={empty} {...(id ? { id } : {})} />;
  if (kind === "boolean")
    return (
      <Select
        value={typeof value === "boolean" ? String(value) : ""}
        options={[
          ["true", w("yes")],
          ["false", w("no")],
        ]}
        put={(chosen) => put(chosen === "" ? undefined : chosen === "true")}
        label={label}
        empty={empty}
      />
    );
  const number = kind === "number" || kind === "integer";
  return (
    <input
      className="form-control"
      id={id}
      type={number ? "number" : "text"}
      step="any"
      aria-label={label}
      placeholder={empty}
      value={typeof value === "object" ? JSON.stringify(value) : String(value ?? "")}
      disabled={fixed}
      onChange={(event) => put(number ? (event.target.value === "" ? undefined : Number(event.target.value)) : event.target.value)}
    />
  );
}

const VARIABLE = /^_?[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/;

/** A variable that a step sets: one of the flow's, or a new one that is declared with it. */
export function VariableControl({
  value,
  type,
  put,
  id,
  label,
  none,
}: {
  value: string;
  type: string;
  put: (graph: Graph, name: string) => void;
  id?: string | undefined;
  label?: string | undefined;
  /** Words of the empty choice. */
  none?: string | undefined;
}): ReactNode {
  const { graph, w, fixed } = useDesigner();
  const variables = useVariables().filter(([name]) => graph.variables?.[name]?.from !== "surface" && name in (graph.variables ?? {}));
  const [fresh, setFresh] = useState<string | null>(null);
  if (fresh !== null) {
    const keep = () => {
      const name = fresh
        .trim()
        .toLowerCase()
        .replace(/[^a-z0-9._]+/g, "_");
      if (VARIABLE.test(name)) put({ ...graph, variables: { ...graph.variables, [name]: graph.variables?.[name] ?? { type } } }, name);
      setFresh(null);
    };
    return (
      <input
        className="form-control"
        ref={(field) => field?.focus()}
        aria-label={w("new_variable")}
        placeholder={w("variable_name")}
        value={fresh}
        onChange={(event) => setFresh(event.target.value)}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.key === "Enter") keep();
          if (event.key === "Escape") setFresh(null);
          event.stopPropagation();
        }}
      />
    );
  }
  return (
    <Select
      value={value}
      options={fixed ? variables : [...variables, ["+", w("new_variable_more")]]}
      empty={none ?? w("nowhere")}
      put={(chosen) => (chosen === "+" ? setFresh("") : put(graph, chosen))}
      {...(id ? { id } : {})}
      {...(label ? { label } : {})}
    />
  );
}

/** Several variables, or other values from a list, in their order. */
export function SeveralControl({
  value,
  options,
  put,
  label,
}: {
  value: unknown;
  options: readonly [string, string][];
  put: (value: string[]) => void;
  label: string;
}): ReactNode {
  const { w, fixed } = useDesigner();
  const given = Array.isArray(value) ? value.map(String) : [];
  const left = options.filter(([code]) => !given.includes(code));
  return (
    <div className="cb-cond-many">
      {given.map((code) => {
        const words = options.find(([one]) => one === code)?.[1] ?? code;
        return (
          <button
            key={code}
            type="button"
            className="cb-cond-chip"
            disabled={fixed}
            aria-label={w("take_away", { what: words })}
            onClick={() => put(given.filter((one) => one !== code))}
          >
            {words} <Icon name="x" size={12} />
          </button>
        );
      })}
      {left.length && !fixed ? (
        <Select
          value=""
          options={left}
          empty={w("add")}
          label={w("add_to", { what: label })}
          put={(code) => code && put([...given, code])}
        />
      ) : null}
    </div>
  );
}
