// Try it: play the customer against the draft as it stands, keep a play as a test conversation, run them all.

import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useDesigner } from "./context";
import type { Played, PlayInput, PlayLine, TestRow } from "./data";
import { Button, Icon, Labelled, Select } from "./parts";
import { get, send } from "./server";

export interface PlayState {
  surface: string;
  language: string;
  values: Record<string, unknown>;
  answers: Record<string, unknown>;
  inputs: PlayInput[];
}

export interface PlayProps {
  state: PlayState;
  put: (state: PlayState) => void;
  played: Played | null;
  show: (played: Played | null) => void;
  tests: TestRow[] | null;
  runTests: () => Promise<void>;
}

export function Play({ state, put, played, show, tests, runTests }: PlayProps): ReactNode {
  const { data, doc, graph, w, choose } = useDesigner();
  const [failed, setFailed] = useState("");
  const [typed, setTyped] = useState("");
  const lines = useRef<HTMLOListElement>(null);
  const field = useRef<HTMLInputElement>(null);

  const going = useRef(0);
  const ask = useCallback(async () => {
    const turn = ++going.current;
    const answer = await send<Played>(data.urls.play, { graph, ...state });
    if (turn !== going.current) return;
    if (answer.ok) {
      setFailed("");
      show(answer.value);
    } else setFailed(answer.refusal?.message ?? w("not_reached"));
  }, [data, graph, state, show, w]);
  useEffect(() => {
    const timer = window.setTimeout(() => void ask(), 150);
    return () => window.clearTimeout(timer);
  }, [ask]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the last line is shown whenever there are more
  useEffect(() => {
    lines.current?.scrollTo({ top: lines.current.scrollHeight });
  }, [played]);

  const say = (input: PlayInput) => {
    put({ ...state, inputs: [...state.inputs, input] });
    setTyped("");
    field.current?.focus();
  };
  const waits = played?.waits ?? null;
  const given = Object.entries(graph.variables ?? {}).filter(([, one]) => one.from === "surface");
  return (
    <div className="cb-try">
      <header className="cb-head">
        <h2>{w("try_it")}</h2>
        <fieldset className="cb-seg" aria-label={w("runs_on")}>
          {doc.surfaces.map((code) => (
            <button
              key={code}
              type="button"
              aria-pressed={code === state.surface}
              onClick={() => put({ ...state, surface: code, inputs: [] })}
            >
              {data.surfaces.find(([one]) => one === code)?.[1] ?? code}
            </button>
          ))}
        </fieldset>
      </header>
      <details className="cb-d-more">
        <summary>{w("play_given")}</summary>
        <Labelled words={w("language")}>
          {({ id }) => (
            <Select
              id={id}
              value={state.language}
              empty={w("play_no_language")}
              options={data.languages}
              put={(code) => put({ ...state, language: code, inputs: [] })}
            />
          )}
        </Labelled>
        {given.map(([name, one]) => (
          <GivenValue
            key={name}
            name={name}
            type={one.type}
            value={state.values[name]}
            put={(value) => {
              const { [name]: _, ...rest } = state.values;
              put({ ...state, values: value === undefined ? rest : { ...state.values, [name]: value }, inputs: [] });
            }}
          />
        ))}
      </details>
      {failed ? (
        <p className="cb-bad" role="alert">
          {failed}
        </p>
      ) : null}
      {played?.problems.length ? (
        <div className="cb-d-own">
          <p>{w("play_problems")}</p>
          <ul>
            {played.problems.slice(0, 5).map((problem) => (
              <li key={problem.step + problem.message}>
                <button type="button" className="cb-link" onClick={() => problem.step && choose([problem.step], "canvas")}>
                  {problem.message}
                </button>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <ol className="cb-chat" ref={lines} aria-live="polite" aria-label={w("conversation")}>
        {played?.lines.map((line, number) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines come one after another
          <ChatLine key={number} line={line} />
        ))}
        {played?.ended ? <li className="cb-chat-note">{played.ended_words}</li> : null}
        {played?.error ? <li className="cb-chat-note cb-bad">{w("play_error", { what: played.error })}</li> : null}
      </ol>
      {waits && !played?.ended ? (
        <div className="cb-d-answers">
          <p className="cb-soft">{waits.words}</p>
          <div className="cb-d-chips">
            {waits.answers.map((one) => (
              <button type="button" key={one.words} className="cb-cond-chip" onClick={() => say(one.input)}>
                {one.words}
              </button>
            ))}
          </div>
        </div>
      ) : null}
      <form
        className="cb-try-foot"
        onSubmit={(event) => {
          event.preventDefault();
          if (waits?.types) say(waits.do === "ask" ? { is: "answered", value: typed } : { is: "looked_up", result: pairs(typed) });
        }}
      >
        <input
          className="form-control"
          ref={field}
          placeholder={w("answer_as_customer")}
          aria-label={w("answer_as_customer")}
          value={typed}
          disabled={!waits?.types}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button
          icon="arrow-back-up"
          label={w("play_back")}
          disabled={!state.inputs.length}
          run={() => put({ ...state, inputs: state.inputs.slice(0, -1) })}
        />
        <Button icon="restore" run={() => put({ ...state, inputs: [] })}>
          {w("again")}
        </Button>
      </form>
      {played?.values.length ? (
        <dl className="cb-d-values">
          {played.values.map((one) => (
            <div key={one.name} className={one.fresh ? "cb-d-fresh" : ""}>
              <dt>{one.name}</dt>
              <dd>{one.fresh ? <mark>{one.value}</mark> : one.value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
      <Tests state={state} put={put} played={played} tests={tests} runTests={runTests} />
    </div>
  );
}

/** "segment=gold, overdue=3" as what a look-up found. */
export function pairs(text: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const part of text.split(",")) {
    const [name = "", ...rest] = part.split("=");
    const value = rest.join("=").trim();
    if (!name.trim() || !rest.length) continue;
    found[name.trim()] =
      value === "true" || value === "false" ? value === "true" : value !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
  }
  return found;
}

function ChatLine({ line }: { line: PlayLine }): ReactNode {
  const kind = { flow: "", customer: "in", note: "cb-chat-note" }[line.who];
  return (
    <li className={kind} lang={line.language || undefined}>
      {line.text}
    </li>
  );
}

function GivenValue({ name, type, value, put }: { name: string; type: string; value: unknown; put: (value: unknown) => void }): ReactNode {
  const { facts, w } = useDesigner();
  const words = facts.find((fact) => fact.name === name)?.words ?? name;
  if (type === "boolean")
    return (
      <Labelled words={words}>
        {({ id }) => (
          <Select
            id={id}
            value={typeof value === "boolean" ? String(value) : ""}
            empty={w("unknown")}
            options={[
              ["true", w("yes")],
              ["false", w("no")],
            ]}
            put={(chosen) => put(chosen === "" ? undefined : chosen === "true")}
          />
        )}
      </Labelled>
    );
  const text = Array.isArray(value) ? value.join(", ") : String(value ?? "");
  const read = (given: string): unknown => {
    if (given === "") return undefined;
    if (type === "number") return Number.isFinite(Number(given)) ? Number(given) : undefined;
    if (type === "list") return given.split(",").map((one) => one.trim());
    return given;
  };
  return (
    <Labelled words={words}>
      {(ids) => (
        <input
          {...ids}
          className="form-control"
          placeholder={w("unknown")}
          defaultValue={text}
          onBlur={(event) => put(read(event.target.value.trim()))}
        />
      )}
    </Labelled>
  );
}

function Tests({ state, put, played, tests, runTests }: Omit<PlayProps, "show">): ReactNode {
  const { data, w } = useDesigner();
  const [name, setName] = useState("");
  const [said, setSaid] = useState("");
  const passed = tests?.filter((one) => one.passed).length ?? 0;
  const save = async () => {
    const answer = await send<{ id: number }>(data.urls.test_save, { name, ...state, id: data.standing.id, expected: played?.path });
    if (answer.ok) {
      setName("");
      setSaid(w("test_kept", { name }));
      await runTests();
    } else setSaid(answer.refusal?.message ?? w("not_reached"));
  };
  return (
    <section className="cb-d-tests" aria-label={w("tests")}>
      <div className="cb-d-row-line">
        <p className="cb-tests">
          {tests === null ? (
            w("tests_running")
          ) : tests.length ? (
            <>
              <Icon name={passed === tests.length ? "circle-check" : "circle-x"} size={14} />{" "}
              {w("tests_pass", { passed, number: tests.length })}
            </>
          ) : (
            w("tests_none")
          )}
        </p>
        {tests?.length ? (
          <Button icon="player-play" run={() => void runTests()}>
            {w("run_tests")}
          </Button>
        ) : null}
      </div>
      {tests?.length ? (
        <ul>
          {tests.map((one) => (
            <li key={one.id}>
              <Icon name={one.passed ? "check" : "x"} size={12} label={one.passed ? w("passes") : w("fails")} />
              <button type="button" className="cb-link cb-link-quiet" onClick={() => put(one.play)}>
                {one.name}
              </button>
              {data.may.design ? (
                <button
                  type="button"
                  className="cb-cond-remove"
                  aria-label={w("take_away", { what: one.name })}
                  onClick={async () => {
                    await send(data.urls.test_delete, { test: one.id });
                    await runTests();
                  }}
                >
                  <Icon name="x" size={12} />
                </button>
              ) : null}
              {one.wrong.length ? <span className="cb-bad">{one.wrong.join(" ")}</span> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {data.may.design && played && !played.problems.length ? (
        <div className="cb-d-row-line">
          <input
            className="form-control"
            aria-label={w("test_name")}
            placeholder={w("test_name")}
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.target.value)}
            onKeyDown={(event) => event.key === "Enter" && name.trim() && void save()}
          />
          <Button icon="plus" disabled={!name.trim()} run={() => void save()}>
            {w("keep_as_test")}
          </Button>
        </div>
      ) : null}
      {said ? (
        <p className="cb-soft" role="status">
          {said}
        </p>
      ) : null}
    </section>
  );
}

export async function fetchTests(url: string, graph: unknown): Promise<TestRow[] | null> {
  const answer = await send<{ tests: TestRow[] }>(url, { graph });
  return answer.ok ? answer.value.tests : null;
}

export async function fetchVersion<T>(url: string, version: number): Promise<T | null> {
  const answer = await get<T>(`${url}?version=${version}`);
  return answer.ok ? answer.value : null;
}
