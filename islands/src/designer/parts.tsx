// Small parts: icons, buttons, fields with their labels, choosing a step.

import { type ReactNode, useId } from "react";
import { useDesigner } from "./context";
import { inOrder } from "./graph";
import { titleOf } from "./labels";

export function Icon({ name, size = 16, label }: { name: string; size?: number; label?: string }): ReactNode {
  const { data } = useDesigner();
  const kind = size === 16 ? "cb-i" : `cb-i cb-i-${size}`;
  const use = <use href={`${data.icons}#i-${name}`} />;
  if (label)
    return (
      <svg className={kind} role="img" aria-label={label}>
        {use}
      </svg>
    );
  return (
    <svg className={kind} aria-hidden="true">
      {use}
    </svg>
  );
}

interface ButtonProps {
  icon?: string;
  children?: ReactNode;
  label?: string | undefined;
  title?: string;
  kind?: string;
  pressed?: boolean;
  disabled?: boolean;
  id?: string | undefined;
  run: () => void;
}

export function Button({ icon, children, label, title, kind = "", pressed, disabled, id, run }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      id={id}
      className={`btn cb-btn ${kind}${pressed ? " cb-btn-on" : ""}`}
      aria-label={label}
      aria-pressed={pressed}
      title={title ?? label}
      disabled={disabled}
      onClick={run}
    >
      {icon ? <Icon name={icon} /> : null}
      {children}
    </button>
  );
}

/** A label with its control and help; `children` gets the ids to wear. */
export function Labelled({
  words,
  help,
  aside,
  children,
}: {
  words: string;
  help?: string;
  aside?: ReactNode;
  children: (ids: { id: string; "aria-describedby": string | undefined }) => ReactNode;
}): ReactNode {
  const id = useId();
  const helpId = help ? `${id}-help` : undefined;
  return (
    <div className="cb-field">
      <span className="cb-d-label">
        <label htmlFor={id}>{words}</label>
        {aside}
      </span>
      {children({ id, "aria-describedby": helpId })}
      {help ? (
        <span className="cb-field-help" id={helpId}>
          {help}
        </span>
      ) : null}
    </div>
  );
}

export function Select({
  value,
  options,
  put,
  label,
  id,
  described,
  empty,
}: {
  value: string;
  options: readonly (readonly [string, string])[];
  put: (value: string) => void;
  label?: string | undefined;
  id?: string | undefined;
  described?: string | undefined;
  /** Words of the empty choice; left out, there is none (but for a value that is none of the options). */
  empty?: string;
}): ReactNode {
  const { fixed } = useDesigner();
  const known = options.some(([code]) => code === value);
  return (
    <select
      className="form-select form-control"
      id={id}
      aria-label={label}
      aria-describedby={described}
      value={value}
      disabled={fixed}
      onChange={(event) => put(event.target.value)}
    >
      {empty !== undefined || !value ? <option value="">{empty ?? ""}</option> : null}
      {!known && value ? <option value={value}>{value}</option> : null}
      {options.map(([code, words]) => (
        <option key={code} value={code}>
          {words}
        </option>
      ))}
    </select>
  );
}

/** Where an exit leads: a step of the flow, a new one, or nowhere. */
export function StepSelect({
  step,
  exit,
  target,
  put,
  label,
  id,
  none,
}: {
  step: string;
  exit: string;
  target: string | null;
  put: (target: string | null) => void;
  label?: string | undefined;
  id?: string | undefined;
  none: string;
}): ReactNode {
  const { graph, types, naming, data, fixed, w, addOn } = useDesigner();
  const names = inOrder(graph, types);
  return (
    <select
      className={`form-select form-control${target !== null && !(target in graph.steps) ? " cb-bad-field" : ""}`}
      id={id}
      aria-label={label}
      value={target ?? ""}
      disabled={fixed}
      onChange={(event) => {
        const chosen = event.target.value;
        if (chosen.startsWith("+")) addOn(chosen.slice(1), { step, exit });
        else put(chosen || null);
      }}
    >
      <option value="">{none}</option>
      {target !== null && !(target in graph.steps) ? <option value={target}>{w("no_step", { name: target })}</option> : null}
      <optgroup label={w("steps")}>
        {names.map((name) => {
          const one = graph.steps[name];
          const type = one && types[one.type];
          return (
            <option key={name} value={name}>
              {one ? `${type?.words ?? one.type}: ${titleOf(one, type, naming, name).slice(0, 48)}` : name}
            </option>
          );
        })}
      </optgroup>
      <optgroup label={w("new_step")}>
        {data.types
          .filter((type) => !type.hidden)
          .map((type) => (
            <option key={type.name} value={`+${type.name}`}>
              {type.words}
            </option>
          ))}
      </optgroup>
    </select>
  );
}
