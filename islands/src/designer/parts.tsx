// Small parts: icons, buttons, fields with their labels, choosing a step.

import { type ReactNode, useId } from "react";
import { useDesigner } from "./context";

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

/** Controls that belong together, under their words. */
export function Group({ words, body }: { words: string; body: ReactNode }): ReactNode {
  return (
    <fieldset className="cb-d-group">
      <legend>{words}</legend>
      {body}
    </fieldset>
  );
}
