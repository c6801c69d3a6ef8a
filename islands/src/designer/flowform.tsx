// The form of the flow itself: where it runs, which languages it speaks, where it begins and where it leads when it fails, its variables.

import { type ReactNode, useMemo, useState } from "react";
import { useDesigner } from "./context";
import { missingTexts, setOfFlow } from "./graph";
import { Button, Icon, Labelled, Select } from "./parts";
import { StepPick } from "./steppick";
import { WaitingForm } from "./waiting";

export function FlowForm(): ReactNode {
  const { data, doc, graph, change, changeDoc, w, fixed } = useDesigner();
  const put = (field: string, value: unknown) => change(setOfFlow(graph, field, value), `flow.${field}`);
  const telephone = doc.surfaces.includes("ivr");
  return (
    <div className="cb-d-form">
      <header className="cb-head">
        <h2>{w("flow")}</h2>
      </header>
      <Labelled words={w("flow_name")}>
        {(ids) => (
          <input
            {...ids}
            className="form-control"
            maxLength={120}
            value={doc.name}
            disabled={fixed}
            onChange={(event) => changeDoc({ name: event.target.value }, "flow.name")}
          />
        )}
      </Labelled>
      <fieldset className="cb-d-group">
        <legend>{w("runs_on")}</legend>
        {data.surfaces.map(([code, words]) => (
          <label key={code} className="cb-check cb-d-check">
            <input
              type="checkbox"
              checked={doc.surfaces.includes(code)}
              disabled={fixed || (doc.surfaces.length === 1 && doc.surfaces[0] === code)}
              onChange={(event) =>
                changeDoc({ surfaces: event.target.checked ? [...doc.surfaces, code] : doc.surfaces.filter((one) => one !== code) })
              }
            />
            {words}
          </label>
        ))}
      </fieldset>
      <LanguagesOfFlow />
      <fieldset className="cb-d-exits">
        <legend>{w("ways")}</legend>
        <Labelled words={w("start")}>
          {({ id }) => (
            <StepPick id={id} value={graph.start ?? ""} none={w("nowhere_yet")} put={(name) => put("start", name || undefined)} />
          )}
        </Labelled>
        <Labelled words={w("on_error")} help={w("on_error_help")}>
          {({ id, ...described }) => (
            <StepPick
              id={id}
              described={described["aria-describedby"]}
              value={graph.on_error ?? ""}
              none={w("nowhere_yet")}
              put={(name) => put("on_error", name || undefined)}
            />
          )}
        </Labelled>
        <Labelled words={w("person")}>
          {({ id }) => (
            <StepPick id={id} value={graph.person ?? ""} none={w("not_used")} put={(name) => put("person", name || undefined)} />
          )}
        </Labelled>
        {telephone ? (
          <Labelled words={w("person_key")}>
            {(ids) => (
              <input
                {...ids}
                className="form-control cb-d-key"
                maxLength={1}
                value={graph.person_key ?? ""}
                disabled={fixed}
                onChange={(event) => put("person_key", event.target.value || undefined)}
              />
            )}
          </Labelled>
        ) : null}
      </fieldset>
      {telephone ? <WaitingForm /> : null}
      <Variables />
    </div>
  );
}

function LanguagesOfFlow(): ReactNode {
  const { data, graph, types, change, choose, speak, w, fixed } = useDesigner();
  const missing = missingTexts(graph, types);
  const own = graph.languages;
  const name = (code: string) => data.languages.find(([one]) => one === code)?.[1] ?? code;
  return (
    <fieldset className="cb-d-group">
      <legend>{w("languages")}</legend>
      <ul className="cb-d-langs">
        {own.map((code) => {
          const lacking = missing.filter((one) => one.language === code);
          const first = lacking[0];
          return (
            <li key={code}>
              <span lang={code}>{name(code)}</span>
              {first ? (
                <button
                  type="button"
                  className="cb-link"
                  onClick={() => {
                    speak(code);
                    choose([first.step], "form");
                  }}
                >
                  {w("texts_missing", { number: lacking.length })}
                </button>
              ) : (
                <span className="cb-soft">{w("texts_complete")}</span>
              )}
              {fixed || own.length === 1 ? null : (
                <button
                  type="button"
                  className="cb-cond-remove"
                  aria-label={w("take_away", { what: name(code) })}
                  onClick={() => {
                    const languages = own.filter((one) => one !== code);
                    change({
                      ...graph,
                      languages,
                      fallback: graph.fallback === code ? (languages[0] ?? "en") : (graph.fallback ?? languages[0] ?? "en"),
                    });
                  }}
                >
                  <Icon name="x" size={12} />
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {fixed ? null : (
        <Select
          value=""
          label={w("add_language")}
          empty={w("add_language")}
          options={data.languages.filter(([code]) => !own.includes(code))}
          put={(code) => code && change({ ...graph, languages: [...own, code] })}
        />
      )}
      <Labelled words={w("fallback")}>
        {({ id }) => (
          <Select
            id={id}
            value={graph.fallback ?? own[0] ?? ""}
            options={own.map((code) => [code, name(code)])}
            put={(code) => change({ ...graph, fallback: code })}
          />
        )}
      </Labelled>
    </fieldset>
  );
}

function Variables(): ReactNode {
  const { data, graph, change, w, fixed } = useDesigner();
  const [fresh, setFresh] = useState("");
  const variables = Object.entries(graph.variables ?? {});
  const written = useMemo(() => JSON.stringify(graph.steps), [graph.steps]);
  const uses = (name: string) => written.split(`"${name}"`).length - 1 + written.split(`{${name}}`).length - 1;
  const name = fresh
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, "_");
  const good = /^_?[a-z]/.test(name) && !(name in (graph.variables ?? {}));
  const add = () => {
    if (!good) return;
    change({ ...graph, variables: { ...graph.variables, [name]: { type: "text" } } });
    setFresh("");
  };
  return (
    <fieldset className="cb-d-group">
      <legend>{w("variables")}</legend>
      <table className="cb-d-vars">
        <thead className="visually-hidden">
          <tr>
            <th scope="col">{w("variable_name")}</th>
            <th scope="col">{w("variable_type")}</th>
            <th scope="col">{w("variable_given")}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {variables.map(([one, spec]) => (
            <tr key={one}>
              <td title={w("variable_uses", { number: uses(one) })}>{one}</td>
              <td>
                <Select
                  value={spec.type}
                  label={w("type_of", { what: one })}
                  options={data.variable_types}
                  put={(type) => change({ ...graph, variables: { ...graph.variables, [one]: { ...spec, type } } })}
                />
              </td>
              <td>
                <label className="cb-inline" title={w("variable_given")}>
                  <input
                    type="checkbox"
                    checked={spec.from === "surface"}
                    disabled={fixed}
                    aria-label={w("given_of", { what: one })}
                    onChange={(event) =>
                      change({
                        ...graph,
                        variables: { ...graph.variables, [one]: event.target.checked ? { ...spec, from: "surface" } : { type: spec.type } },
                      })
                    }
                  />
                </label>
              </td>
              <td>
                {fixed ? null : (
                  <button
                    type="button"
                    className="cb-cond-remove"
                    aria-label={w("take_away", { what: one })}
                    onClick={() => change({ ...graph, variables: Object.fromEntries(variables.filter(([other]) => other !== one)) })}
                  >
                    <Icon name="x" size={12} />
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {fixed ? null : (
        <div className="cb-d-row-line">
          <input
            className="form-control"
            aria-label={w("new_variable")}
            placeholder={w("new_variable")}
            value={fresh}
            onChange={(event) => setFresh(event.target.value)}
            onKeyDown={(event) => event.key === "Enter" && add()}
          />
          <Button icon="plus" disabled={!good} run={add}>
            {w("add")}
          </Button>
        </div>
      )}
      <p className="cb-field-help">{w("variables_help")}</p>
    </fieldset>
  );
}
