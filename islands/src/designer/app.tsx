// The designer: bar, palette, graph, side.

import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Canvas } from "./canvas";
import { type Designer, DesignerContext, type Doc, wordsOf } from "./context";
import type { Figures, PageData, Played, Standing, TestRow } from "./data";
import { difference } from "./difference";
import { FlowForm } from "./flowform";
import { StepForm } from "./form";
import { addStep, findSteps } from "./graph";
import { factsOf } from "./labels";
import { thawed } from "./layout";
import { Palette } from "./palette";
import { type Compared, ConflictDialog, FigureBar, Problems, PublishDialog, Versions } from "./panels";
import { Button } from "./parts";
import { fetchTests, fetchVersion, Play, type PlayState } from "./play";
import { get } from "./server";
import { More, Surfaces } from "./surfaces";
import type { Graph, StepTypes } from "./types";
import { useFlow } from "./useflow";
import { useKeys } from "./usekeys";

type Page = "step" | "flow" | "play" | "versions" | "problems";

export function App({ data, root }: { data: PageData; root: HTMLElement }): ReactNode {
  const flow = useFlow(data);
  const w = useMemo(() => wordsOf(data.words), [data]);
  const types = useMemo<StepTypes>(() => Object.fromEntries(data.types.map((type) => [type.name, type])), [data]);
  const [chosen, setChosen] = useState<string[]>([]);
  const [line, setLine] = useState<string | null>(null);
  const [page, setPage] = useState<Page>("flow");
  const reader = document.documentElement.lang.toLowerCase();
  const [language, speak] = useState(() => {
    const own = data.standing.graph.languages ?? [];
    return (
      own.find((code) => code.toLowerCase() === reader) ?? own.find((code) => code.split("-")[0] === reader.split("-")[0]) ?? own[0] ?? "en"
    );
  });
  const [older, setOlder] = useState<{ version: number; doc: Doc } | null>(null);
  const [compared, setCompared] = useState<Compared | null>(null);
  const [played, setPlayed] = useState<Played | null>(null);
  const [play, setPlay] = useState<PlayState>({
    surface: data.standing.surfaces[0] ?? "ivr",
    language: "",
    values: {},
    answers: {},
    inputs: [],
  });
  const [tests, setTests] = useState<TestRow[] | null>(null);
  const [days, setDays] = useState(0);
  const [figures, setFigures] = useState<Figures | null>(null);
  const [publishing, setPublishing] = useState(false);
  const [sought, seek] = useState("");
  const [said, say] = useState("");
  const find = useRef<HTMLInputElement>(null);
  const side = useRef<HTMLElement>(null);

  const doc = older?.doc ?? flow.doc;
  const graph = doc.graph;
  const fixed = older !== null || !data.may.design;
  const facts = useAlike(useMemo(() => factsOf(graph, data.built_in, data.facts), [graph, data]));
  const naming = useMemo(
    () => ({ facts: new Map(facts.map((fact) => [fact.name, fact])), conditions: data.conditions, options: optionsOf(data), language }),
    [facts, data, language],
  );
  const spoken = graph.languages.includes(language) ? language : (graph.languages[0] ?? "en");
  const found = useMemo(() => new Set(findSteps(graph, sought)), [graph, sought]);

  const changeDoc = useCallback(
    (more: Partial<Doc>, kind = "") => {
      if (!fixed) flow.change({ ...flow.doc, ...more }, kind);
    },
    [flow, fixed],
  );
  const change = useCallback((now: Graph, kind = "") => changeDoc({ graph: now }, kind), [changeDoc]);
  // Where the cursor goes once what was asked for is on the screen.
  const [focus, setFocus] = useState<{ on: "form" | "canvas"; name: string | undefined } | null>(null);
  useEffect(() => {
    if (!focus) return;
    const until = performance.now() + 1000;
    let frame = 0;
    const look = () => {
      const found = focus.on === "form" ? firstField(side.current) : nodeOf(root, focus.name);
      if (found) found.focus({ preventScroll: focus.on === "canvas" });
      else if (performance.now() < until) frame = requestAnimationFrame(look);
    };
    look();
    return () => cancelAnimationFrame(frame);
  }, [focus, root]);
  const focusNode = useCallback((name: string | undefined) => setFocus({ on: "canvas", name }), []);
  const focusForm = useCallback(() => setFocus({ on: "form", name: undefined }), []);
  const choose = useCallback(
    (steps: string[], focus?: "form" | "canvas") => {
      setChosen(steps);
      setLine(null);
      setPage((now) =>
        steps.length
          ? now === "play" || now === "versions" || (now === "problems" && focus !== "form")
            ? now
            : "step"
          : now === "step" || focus
            ? "flow"
            : now,
      );
      if (focus === "canvas") focusNode(steps[0]);
      if (focus === "form") {
        setPage(steps.length ? "step" : "flow");
        focusForm();
      }
    },
    [focusNode, focusForm],
  );
  const addOn = useCallback(
    (type: string, after?: { step: string; exit: string }) => {
      const known = types[type];
      if (!known || fixed) return;
      const [now, name] = addStep(flow.doc.graph, known, after);
      change(now);
      choose([name], "form");
    },
    [types, fixed, flow.doc.graph, change, choose],
  );

  const designer: Designer = {
    data,
    doc,
    graph,
    types,
    facts,
    naming: { ...naming, language: spoken },
    problems: older ? [] : flow.problems,
    chosen,
    language: spoken,
    fixed,
    w,
    change,
    changeDoc,
    choose,
    addOn,
    speak,
  };

  // ---- tests, figures, comparison --------------------------------------------------------------------------------

  const latest = useRef(flow.doc.graph);
  latest.current = flow.doc.graph;
  const runTests = useCallback(async () => {
    setTests(null);
    setTests((await fetchTests(data.urls.tests, latest.current)) ?? []);
  }, [data]);
  useEffect(() => {
    if (page === "play") void runTests();
  }, [page, runTests]);
  useEffect(() => {
    if (page !== "play") setPlayed(null);
  }, [page]);
  const figuresVersion = older?.version ?? flow.standing.live_version ?? flow.standing.version;
  useEffect(() => {
    setFigures(null);
    if (!days) return;
    let wanted = true;
    void get<Figures>(`${data.urls.figures}?version=${figuresVersion}&days=${days}`).then(
      (answer) => wanted && answer.ok && setFigures(answer.value),
    );
    return () => {
      wanted = false;
    };
  }, [days, figuresVersion, data]);
  const comparing = useMemo(() => (compared ? { ...compared, difference: difference(compared.graph, graph) } : null), [compared, graph]);
  const openVersion = useCallback(
    async (version: number | null) => {
      setCompared(null);
      if (version === null || version === flow.standing.version) return setOlder(null);
      const fetched = await fetchVersion<{ graph: Graph; name: string; surfaces: string[] }>(data.urls.version, version);
      if (fetched) setOlder({ version, doc: { name: fetched.name, surfaces: fetched.surfaces, graph: fetched.graph } });
      else say(w("not_reached"));
    },
    [data, flow.standing.version, w],
  );

  useKeys(root, { flow, chosen, fixed, types, change, choose, find: () => find.current?.focus() });

  // ---- the screen ------------------------------------------------------------------------------------------------

  const errors = flow.problems.filter((problem) => problem.level === "error").length;
  const notes = flow.problems.length - errors;
  const checkWords = errors ? w("check_errors", { number: errors }) : notes ? w("check_notes", { number: notes }) : w("check_good");
  const onLine = line ? { step: line.slice(0, line.indexOf("/")), exit: line.slice(line.indexOf("/") + 1) } : null;
  const pages: [Page, string][] = [
    ["step", w("step")],
    ["flow", w("flow")],
    ["play", w("try_it")],
    ["versions", w("versions")],
  ];
  const kept = { kept: flow.standing.when, changed: w("changed"), keeping: w("keeping"), failed: w("keep_failed"), stale: w("keep_stale") }[
    flow.keeping
  ];
  return (
    <DesignerContext value={designer}>
      <div className="cb-designer">
        <header className="cb-bar">
          <h1>{doc.name}</h1>
          <span className={`cb-soft cb-clip${flow.keeping === "failed" || flow.keeping === "stale" ? " cb-bad" : ""}`} role="status">
            {older ? w("older_version", { number: older.version }) : `${kept} ${flow.refusal?.message ?? ""} ${flow.standing.live}`}
          </span>
          <div className="cb-bar-right">
            {older ? (
              <Button icon="arrow-back-up" run={() => void openVersion(null)}>
                {w("back_to_draft")}
              </Button>
            ) : (
              <>
                <Button
                  kind="cb-btn-bare"
                  icon="arrow-back-up"
                  label={w("undo")}
                  title={w("undo_keys")}
                  disabled={fixed || !flow.history.past.length}
                  run={flow.undo}
                />
                <Button
                  kind="cb-btn-bare"
                  icon="arrow-forward-up"
                  label={w("redo")}
                  title={w("redo_keys")}
                  disabled={fixed || !flow.history.future.length}
                  run={flow.redo}
                />
                <Button
                  kind="cb-btn-bare"
                  icon="sitemap"
                  label={w("arrange")}
                  disabled={fixed}
                  run={() => change(thawed(flow.doc.graph))}
                />
              </>
            )}
            <Button icon="chart-bar" pressed={days > 0} run={() => setDays((now) => (now ? 0 : 30))}>
              {w("figures")}
            </Button>
            <Button
              icon="checklist"
              kind={errors ? "cb-d-bad" : ""}
              pressed={page === "problems"}
              id="designer-check"
              run={() => setPage(page === "problems" ? "flow" : "problems")}
            >
              {checkWords}
            </Button>
            <More data={data} />
            {data.may.publish && !older ? (
              <Button
                kind="cb-btn-go"
                id="designer-publish"
                disabled={flow.standing.state !== "draft" && flow.keeping === "kept"}
                run={() => {
                  void runTests();
                  setPublishing(true);
                }}
              >
                {w("publish")}
              </Button>
            ) : null}
          </div>
        </header>
        <Palette line={onLine} sought={sought} seek={seek} field={find} />
        <Canvas
          compare={comparing}
          played={played}
          figures={figures}
          found={found}
          line={line}
          chooseLine={(id) => {
            setLine(id);
            if (id) setChosen([]);
          }}
          insert={() => find.current?.focus()}
          edit={() => choose(chosen, "form")}
        />
        <Surfaces />
        {days ? <FigureBar figures={figures} days={days} put={setDays} /> : null}
        <aside
          className="cb-props"
          ref={side}
          aria-label={w("side")}
          onKeyDown={(event) => {
            if (event.key === "Escape" && chosen[0]) focusNode(chosen[0]);
          }}
        >
          <nav className="cb-d-tabs" aria-label={w("side")}>
            {pages.map(([code, words]) => (
              <button
                key={code}
                type="button"
                aria-current={page === code ? "page" : undefined}
                disabled={code === "step" && !chosen.length}
                onClick={() => setPage(code)}
              >
                {words}
              </button>
            ))}
          </nav>
          <div className="cb-d-side">
            {said ? (
              <p className="cb-bad" role="alert">
                {said}
              </p>
            ) : null}
            {page === "step" && chosen[0] && chosen[0] in graph.steps ? <StepForm key={chosen[0]} name={chosen[0]} /> : null}
            {page === "step" && !(chosen[0] && chosen[0] in graph.steps) ? (
              <p className="cb-soft cb-d-form">{w("nothing_chosen")}</p>
            ) : null}
            {page === "flow" ? <FlowForm /> : null}
            {page === "problems" ? <Problems problems={flow.problems} /> : null}
            {page === "play" ? (
              <Play state={play} put={setPlay} played={played} show={setPlayed} tests={tests} runTests={runTests} />
            ) : null}
            {page === "versions" ? (
              <Versions flow={flow} compared={comparing} compare={setCompared} open={(version) => void openVersion(version)} />
            ) : null}
          </div>
        </aside>
      </div>
      {publishing ? (
        <PublishDialog
          flow={flow}
          tests={tests}
          close={() => setPublishing(false)}
          done={(standing: Standing) => {
            setPublishing(false);
            flow.stand(standing);
            setPage("versions");
          }}
        />
      ) : null}
      {flow.conflict ? <ConflictDialog flow={flow} conflict={flow.conflict} /> : null}
    </DesignerContext>
  );
}

/** The same object as long as it says the same, so that what is made of it is not made anew. */
function useAlike<T>(value: T): T {
  const kept = useRef(value);
  if (JSON.stringify(kept.current) !== JSON.stringify(value)) kept.current = value;
  return kept.current;
}

function firstField(side: HTMLElement | null): HTMLElement | null {
  const form = side?.querySelector(".cb-d-form");
  const field = form?.querySelector<HTMLElement>(
    ":is(textarea, input:not([type=checkbox]), .cb-field select:not(.cb-d-insert), .cb-d-row select):not(:disabled)",
  );
  return field ?? form?.querySelector<HTMLElement>("button:not(:disabled)") ?? null;
}

function nodeOf(root: HTMLElement, name: string | undefined): HTMLElement | null {
  return root.querySelector<HTMLElement>(name ? `.react-flow__node[data-id="${CSS.escape(name)}"]` : ".react-flow__node");
}

/** Words of what fields name, by kind of field. */
function optionsOf(data: PageData): PageData["options"] {
  const called = (many: PageData["lookups"]): [string, string][] => many.map((one) => [one.name, one.words]);
  return { ...data.options, look_up: called(data.lookups), act: called(data.acts) };
}
