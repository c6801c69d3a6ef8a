// The palette: types of steps to add, and the search for steps that are there.

import { type ReactNode, type RefObject, useState } from "react";
import { DRAGGED } from "./canvas";
import { useDesigner } from "./context";
import { exitsOf, findSteps } from "./graph";
import { titleOf } from "./labels";
import { Icon } from "./parts";

export interface PaletteProps {
  /** The line on which the next step is put, if one is chosen. */
  line: { step: string; exit: string } | null;
  sought: string;
  seek: (text: string) => void;
  field: RefObject<HTMLInputElement | null>;
}

export function Palette({ line, sought, seek, field }: PaletteProps): ReactNode {
  const { data, doc, graph, types, naming, chosen, choose, addOn, fixed, w } = useDesigner();
  const [at, setAt] = useState(0);
  const text = sought.trim().toLocaleLowerCase();
  const offered = data.types.filter((type) => !type.hidden && (!text || `${type.words} ${type.name}`.toLocaleLowerCase().includes(text)));
  const found = text ? findSteps(graph, text) : [];
  const groups = data.groups
    .map(([code, words]) => ({ code, words, types: offered.filter((type) => type.group === code) }))
    .filter((one) => one.types.length);
  const add = (type: string) => {
    const first = chosen[0];
    const step = first ? graph.steps[first] : undefined;
    const exits = step ? exitsOf(step, types[step.type]) : [];
    const exit = exits.find((one) => one.target === null && one.needed) ?? exits.find((one) => one.name === "next") ?? exits[0];
    addOn(type, line ?? (first && exit ? { step: first, exit: exit.name } : undefined));
    seek("");
  };
  const results = [...found.map((name) => () => choose([name], "canvas")), ...(fixed ? [] : offered.map((type) => () => add(type.name)))];
  return (
    <aside className="cb-palette" aria-label={w("palette")}>
      <label className="cb-field-find">
        <Icon name="search" size={14} />
        <input
          ref={field}
          type="search"
          placeholder={w("find")}
          aria-label={w("find")}
          value={sought}
          onChange={(event) => {
            seek(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && text) {
              event.preventDefault();
              results[Math.min(at, results.length - 1)]?.();
              if (results.length === 1) seek("");
            } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
              event.preventDefault();
              setAt((now) => Math.max(0, Math.min(results.length - 1, now + (event.key === "ArrowDown" ? 1 : -1))));
            } else if (event.key === "Escape") {
              event.stopPropagation();
              seek("");
              choose(chosen, "canvas");
            }
          }}
        />
      </label>
      <div className="cb-palette-list">
        {text ? (
          <>
            <h2>{found.length ? w("found_steps", { number: found.length }) : w("found_none")}</h2>
            <ul>
              {found.slice(0, 30).map((name, number) => {
                const step = graph.steps[name];
                const type = step && types[step.type];
                return (
                  <li key={name}>
                    <button type="button" className={number === at ? "cb-on" : ""} onClick={() => choose([name], "canvas")}>
                      <Icon name={type?.icon ?? "alert-circle"} />
                      <span className="cb-clip">{step ? titleOf(step, type, naming, name) : name}</span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </>
        ) : null}
        {fixed
          ? null
          : groups.map((group) => (
              <div key={group.code}>
                <h2>{group.words}</h2>
                <ul>
                  {group.types.map((type) => {
                    const cannot = doc.surfaces.filter((surface) => !type.surfaces.includes(surface));
                    const where = cannot.map((surface) => data.surfaces.find(([code]) => code === surface)?.[1] ?? surface).join(", ");
                    return (
                      <li key={type.name}>
                        <button
                          type="button"
                          draggable
                          className={`${text && found.length + offered.indexOf(type) === at ? "cb-on" : ""}${cannot.length ? " cb-palette-off" : ""}`}
                          title={cannot.length ? w("cannot_on", { surfaces: where }) : type.help}
                          onClick={() => add(type.name)}
                          onDragStart={(event) => {
                            event.dataTransfer.setData(DRAGGED, type.name);
                            event.dataTransfer.effectAllowed = "copy";
                          }}
                        >
                          <Icon name={type.icon} />
                          <span className="cb-clip">{type.words}</span>
                        </button>
                      </li>
                    );
                  })}
                </ul>
              </div>
            ))}
        {fixed ? null : <p className="cb-soft">{line ? w("palette_line") : w("palette_hint")}</p>}
      </div>
    </aside>
  );
}
