// Choosing a step: from a list; in a flow of hundreds of steps by typing some of its words.

import { type ReactNode, useId, useMemo, useState } from "react";
import { type Designer, useDesigner } from "./context";
import { inOrder } from "./graph";
import { titleOf } from "./labels";

/** So many steps at most stand in a list. */
const LISTED = 300;
/** So many are offered while one types. */
const OFFERED = 40;

interface Picking {
  value: string;
  put: (step: string) => void;
  /** Words of the empty choice. */
  none: string;
  id?: string | undefined;
  label?: string | undefined;
  described?: string | undefined;
  /** Further choices, under their own words. */
  more?: { words: string; options: [string, string][] };
}

function wordsOf({ graph, types, naming }: Designer, name: string): string {
  const step = graph.steps[name];
  const type = step && types[step.type];
  return step ? `${type?.words ?? step.type}: ${titleOf(step, type, naming, name).slice(0, 48)}` : name;
}

export function StepPick(props: Picking): ReactNode {
  const { graph } = useDesigner();
  return Object.keys(graph.steps).length > LISTED ? <Typed {...props} /> : <Listed {...props} />;
}

function Listed({ value, put, none, id, label, described, more }: Picking): ReactNode {
  const designer = useDesigner();
  const { graph, types, fixed, w } = designer;
  const known = !value || value in graph.steps;
  return (
    <select
      className={`form-select form-control${known ? "" : " cb-bad-field"}`}
      id={id}
      aria-label={label}
      aria-describedby={described}
      value={value}
      disabled={fixed}
      onChange={(event) => put(event.target.value)}
    >
      <option value="">{none}</option>
      {known ? null : <option value={value}>{w("no_step", { name: value })}</option>}
      <optgroup label={w("steps")}>
        {inOrder(graph, types).map((name) => (
          <option key={name} value={name}>
            {wordsOf(designer, name)}
          </option>
        ))}
      </optgroup>
      {more ? (
        <optgroup label={more.words}>
          {more.options.map(([code, words]) => (
            <option key={code} value={code}>
              {words}
            </option>
          ))}
        </optgroup>
      ) : null}
    </select>
  );
}

function Typed({ value, put, none, id, label, described, more }: Picking): ReactNode {
  const designer = useDesigner();
  const { graph, types, fixed } = designer;
  const list = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const offered = useMemo(() => {
    if (typed === null) return [];
    const sought = typed.trim().toLocaleLowerCase();
    const found: [string, string][] = (more?.options ?? []).filter(([, words]) => words.toLocaleLowerCase().includes(sought));
    for (const name of inOrder(graph, types)) {
      if (found.length >= OFFERED) break;
      const words = wordsOf(designer, name);
      if (`${name} ${words}`.toLocaleLowerCase().includes(sought)) found.push([name, words]);
    }
    return found;
  }, [typed, more, graph, types, designer]);
  const known = !value || value in graph.steps;
  const taken = (text: string) => text === "" || text in graph.steps || (more?.options.some(([code]) => code === text) ?? false);
  return (
    <>
      <input
        className={`form-control${known ? "" : " cb-bad-field"}`}
        id={id}
        list={list}
        aria-label={label}
        aria-describedby={described}
        placeholder={none}
        value={typed ?? value}
        title={value && known ? wordsOf(designer, value) : undefined}
        disabled={fixed}
        onFocus={(event) => event.target.select()}
        onBlur={() => setTyped(null)}
        onChange={(event) => {
          const text = event.target.value;
          setTyped(text);
          if (taken(text) && text !== value) put(text);
        }}
      />
      <datalist id={list}>
        {offered.map(([code, words]) => (
          <option key={code} value={code}>
            {words}
          </option>
        ))}
      </datalist>
    </>
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
  const { data, w, addOn } = useDesigner();
  const more = useMemo(
    () => ({
      words: w("new_step"),
      options: data.types.filter((type) => !type.hidden).map((type): [string, string] => [`+${type.name}`, type.words]),
    }),
    [data, w],
  );
  return (
    <StepPick
      id={id}
      label={label}
      value={target ?? ""}
      none={none}
      more={more}
      put={(chosen) => {
        if (chosen.startsWith("+")) addOn(chosen.slice(1), { step, exit });
        else put(chosen || null);
      }}
    />
  );
}
