// What callers hear who wait in the queue that the flow put them in: how often, and in which words.

import type { ReactNode } from "react";
import { useDesigner } from "./context";
import { setOfFlow, withText } from "./graph";
import { Labelled } from "./parts";

type Waiting = Record<string, unknown>;

export function WaitingForm(): ReactNode {
  const { graph, change, language, speak, fixed, w } = useDesigner();
  const queue = (typeof graph.queue === "object" && graph.queue !== null ? graph.queue : {}) as Waiting;
  const put = (field: string, value: unknown) => {
    const { [field]: _, ...rest } = queue;
    const now = value === undefined ? rest : { ...queue, [field]: value };
    change(setOfFlow(graph, "queue", Object.keys(now).length ? now : undefined), `queue.${field}`);
  };
  const said = (field: string): string => {
    const texts = queue[field];
    const text = typeof texts === "object" && texts !== null ? (texts as Record<string, unknown>)[language] : "";
    return typeof text === "string" ? text : "";
  };
  return (
    <fieldset className="cb-d-group">
      <legend>{w("waiting")}</legend>
      <fieldset className="cb-seg" aria-label={w("language")}>
        {graph.languages.map((code) => (
          <button key={code} type="button" aria-pressed={code === language} onClick={() => speak(code)}>
            {code.split("-")[0]}
          </button>
        ))}
      </fieldset>
      {(["wait", "longer", "still"] as const).map((field) => (
        <Labelled key={field} words={w(`waiting_${field}`)} {...(field === "wait" ? { help: w("waiting_wait_help") } : {})}>
          {(ids) => (
            <textarea
              {...ids}
              className="form-control"
              lang={language}
              rows={2}
              value={said(field)}
              disabled={fixed}
              onChange={(event) => {
                const texts = withText(queue[field], language, event.target.value);
                put(field, Object.keys(texts).length ? texts : undefined);
              }}
            />
          )}
        </Labelled>
      ))}
      <div className="cb-field-row">
        {(["first", "every"] as const).map((field) => (
          <Labelled key={field} words={w(`waiting_${field}`)}>
            {(ids) => (
              <input
                {...ids}
                className="form-control"
                type="number"
                min={1}
                max={3600}
                value={typeof queue[field] === "number" ? queue[field] : ""}
                disabled={fixed}
                onChange={(event) => put(field, event.target.value === "" ? undefined : Number(event.target.value))}
              />
            )}
          </Labelled>
        ))}
      </div>
    </fieldset>
  );
}
