// The other pages of the side: what is wrong, versions, figures; and the questions that are asked: publish, two drafts met.

import { type ReactNode, useEffect, useRef, useState } from "react";
import { useDesigner } from "./context";
import type { Figures, Standing, TestRow } from "./data";
import { type Difference, difference } from "./difference";
import { Button, Icon, Labelled } from "./parts";
import { fetchVersion } from "./play";
import { send } from "./server";
import type { Graph, Problem } from "./types";
import type { Conflict, Flow } from "./useflow";

export function Problems({ problems }: { problems: Problem[] }): ReactNode {
  const { choose, graph, types, w } = useDesigner();
  const order = [...problems].sort((one, other) => Number(one.level === "note") - Number(other.level === "note"));
  return (
    <div className="cb-d-form">
      <header className="cb-head">
        <h2>{w("check")}</h2>
      </header>
      {order.length ? (
        <ul className="cb-d-problems">
          {order.map((problem) => {
            const step = graph.steps[problem.step];
            return (
              <li key={`${problem.step}${problem.code}${problem.message}`}>
                <button type="button" onClick={() => (problem.step ? choose([problem.step], "form") : choose([], "form"))}>
                  <span className={problem.level === "error" ? "cb-bad" : "cb-warn"}>
                    <Icon name={problem.level === "error" ? "alert-circle" : "alert-triangle"} size={14} label={w(problem.level)} />
                  </span>
                  <span>
                    {problem.message}
                    <small className="cb-soft">
                      {step ? `${types[step.type]?.words ?? step.type}: ${problem.step}` : w("flow")}
                      {problem.surface ? `, ${problem.surface}` : ""}
                    </small>
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      ) : (
        <p className="cb-ok">
          <Icon name="circle-check" size={14} /> {w("no_problems")}
        </p>
      )}
    </div>
  );
}

export interface Compared {
  version: number;
  graph: Graph;
  difference: Difference;
}

export function Versions({
  flow,
  compared,
  compare,
  open,
}: {
  flow: Flow;
  compared: Compared | null;
  compare: (compared: Compared | null) => void;
  open: (version: number | null) => void;
}): ReactNode {
  const { data, graph, choose, w } = useDesigner();
  const [said, setSaid] = useState("");
  const with_ = async (version: number) => {
    if (compared?.version === version) return compare(null);
    const found = await fetchVersion<{ graph: Graph }>(data.urls.version, version);
    if (!found) return setSaid(w("not_reached"));
    compare({ version, graph: found.graph, difference: difference(found.graph, graph) });
  };
  const changes = compared ? Object.entries(compared.difference.steps).filter(([, change]) => change !== "same") : [];
  return (
    <div className="cb-d-form">
      <header className="cb-head">
        <h2>{w("versions")}</h2>
      </header>
      {said ? <p className="cb-bad">{said}</p> : null}
      <ol className="cb-d-versions">
        {flow.standing.versions.map((one) => (
          <li key={one.version}>
            <div>
              <b>{w("version_number", { number: one.version })}</b> <span className="cb-tag">{w(`state_${one.state}`)}</span>
              <p className="cb-soft">
                {[one.when, one.by].filter(Boolean).join(", ")}
                {one.comment ? ` · ${one.comment}` : ""}
              </p>
              <p className="cb-soft">{w("version_runs", { number: one.runs })}</p>
            </div>
            {one.version === flow.standing.version ? null : (
              <span className="cb-d-version-acts">
                <Button icon="git-compare" pressed={compared?.version === one.version} run={() => void with_(one.version)}>
                  {w("compare")}
                </Button>
                <Button run={() => open(one.version)}>{w("look")}</Button>
              </span>
            )}
          </li>
        ))}
      </ol>
      {compared ? (
        <section aria-label={w("differences")}>
          <h3>{w("compared_with", { number: compared.version })}</h3>
          {changes.length || compared.difference.flow.length ? (
            <ul className="cb-d-changes">
              {changes.map(([name, change]) => (
                <li key={name}>
                  <button type="button" className="cb-link cb-link-quiet" onClick={() => choose([name], "canvas")}>
                    {name}
                  </button>{" "}
                  <span className={`cb-d-change-${change}`}>{w(`step_${change}`)}</span>{" "}
                  <span className="cb-soft">{(compared.difference.fields[name] ?? []).join(", ")}</span>
                </li>
              ))}
              {compared.difference.flow.length ? (
                <li>
                  {w("flow")} <span className="cb-soft">{compared.difference.flow.join(", ")}</span>
                </li>
              ) : null}
            </ul>
          ) : (
            <p className="cb-soft">{w("no_difference")}</p>
          )}
        </section>
      ) : null}
      <Retiring flow={flow} />
    </div>
  );
}

function Retiring({ flow }: { flow: Flow }): ReactNode {
  const { data, w } = useDesigner();
  const [said, setSaid] = useState("");
  const act = async (address: "delete" | "retire") => {
    const answer = await send<Standing | { gone: boolean }>(data.urls[address], {
      id: flow.standing.id,
      version: flow.standing.live_version,
    });
    if (!answer.ok) return setSaid(answer.refusal?.message ?? w("not_reached"));
    if ("gone" in answer.value) location.assign(data.urls.list);
    else flow.stand(answer.value);
  };
  return (
    <div className="cb-d-version-acts cb-d-foot">
      {data.may.design && flow.standing.state === "draft" ? (
        <Sure words={w("delete_draft")} sure={w("delete_draft_sure")} run={() => void act("delete")} />
      ) : null}
      {data.may.publish && flow.standing.live_version !== null ? (
        <Sure words={w("retire")} sure={w("retire_sure")} run={() => void act("retire")} />
      ) : null}
      {said ? (
        <p className="cb-bad" role="alert">
          {said}
        </p>
      ) : null}
    </div>
  );
}

/** A button that asks once more in its own place. */
function Sure({ words, sure, run }: { words: string; sure: string; run: () => void }): ReactNode {
  const { w } = useDesigner();
  const [asked, setAsked] = useState(false);
  if (!asked) return <Button run={() => setAsked(true)}>{words}</Button>;
  return (
    <span className="cb-d-sure">
      <span>{sure}</span>
      <Button kind="cb-btn-go" run={run}>
        {words}
      </Button>
      <Button run={() => setAsked(false)}>{w("leave_it")}</Button>
    </span>
  );
}

export function FigureBar({ figures, days, put }: { figures: Figures | null; days: number; put: (days: number) => void }): ReactNode {
  const { w } = useDesigner();
  return (
    <div className="cb-d-figures" role="status">
      <span>{figures ? figures.words : w("loading")}</span>
      <select
        className="form-select form-control"
        aria-label={w("figures_days")}
        value={days}
        onChange={(event) => put(Number(event.target.value))}
      >
        {[1, 7, 30, 365].map((number) => (
          <option key={number} value={number}>
            {w(`days_${number}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Dialog({ title, close, children }: { title: string; close: () => void; children: ReactNode }): ReactNode {
  const box = useRef<HTMLDialogElement>(null);
  const { w } = useDesigner();
  useEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      className="cb-dialog"
      ref={box}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <header>
        <h2>{title}</h2>
        <button type="button" className="cb-close" aria-label={w("close")} onClick={close}>
          <Icon name="x" />
        </button>
      </header>
      {children}
    </dialog>
  );
}

export function PublishDialog({
  flow,
  tests,
  close,
  done,
}: {
  flow: Flow;
  tests: TestRow[] | null;
  close: () => void;
  done: (standing: Standing) => void;
}): ReactNode {
  const { w } = useDesigner();
  const [comment, setComment] = useState("");
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const errors = flow.problems.filter((problem) => problem.level === "error").length;
  const failing = tests?.filter((one) => !one.passed) ?? [];
  const publish = async () => {
    setBusy(true);
    setSaid("");
    if (!(await flow.keep())) {
      setBusy(false);
      return setSaid(w("not_kept"));
    }
    const answer = await flow.publish(comment);
    setBusy(false);
    if (answer.ok) done(answer.value);
    else setSaid([answer.refusal?.message ?? w("not_reached"), ...((answer.refusal?.details as string[]) ?? [])].join(" "));
  };
  return (
    <Dialog title={w("publish_title", { name: flow.doc.name })} close={close}>
      <div className="cb-dialog-body">
        <p>{flow.standing.live_version === null ? w("publish_first") : w("publish_more", { number: flow.standing.live_version })}</p>
        {errors ? <p className="cb-bad">{w("publish_errors", { number: errors })}</p> : null}
        {failing.length ? <p className="cb-bad">{w("publish_failing", { names: failing.map((one) => one.name).join(", ") })}</p> : null}
        {tests?.length && !failing.length ? (
          <p className="cb-soft">{w("tests_pass", { passed: tests.length, number: tests.length })}</p>
        ) : null}
        <Labelled words={w("what_is_new")}>
          {(ids) => (
            <input {...ids} className="form-control" maxLength={300} value={comment} onChange={(event) => setComment(event.target.value)} />
          )}
        </Labelled>
        {said ? (
          <p className="cb-bad" role="alert">
            {said}
          </p>
        ) : null}
      </div>
      <div className="cb-dialog-foot">
        <Button kind="cb-btn-go" disabled={busy || errors > 0} run={() => void publish()}>
          {busy ? w("publishing") : w("publish")}
        </Button>
        <Button run={close}>{w("keep_draft")}</Button>
      </div>
    </Dialog>
  );
}

/** Two people have changed the same draft: both are here, one is chosen, the other can be had back. */
export function ConflictDialog({ flow, conflict }: { flow: Flow; conflict: Conflict }): ReactNode {
  const { w, doc } = useDesigner();
  const found = difference(conflict.theirs.graph, doc.graph);
  const count = (change: string) => Object.values(found.steps).filter((one) => one === change).length;
  const changed = Object.entries(found.steps).filter(([, change]) => change !== "same");
  const words: Record<string, string> = { added: w("only_mine"), removed: w("only_theirs"), changed: w("both_different") };
  return (
    <Dialog title={w("stale_title", { by: conflict.by || w("somebody") })} close={() => flow.settleConflict("theirs")}>
      <div className="cb-dialog-body">
        <p>{w("stale_more", { by: conflict.by || w("somebody"), when: conflict.when })}</p>
        <p>{w("stale_counts", { mine: count("added"), theirs: count("removed"), both: count("changed") })}</p>
        <ul className="cb-d-changes">
          {changed.slice(0, 12).map(([name, change]) => (
            <li key={name}>
              <b>{name}</b> <span className={`cb-d-change-${change}`}>{words[change]}</span>{" "}
              <span className="cb-soft">{(found.fields[name] ?? []).join(", ")}</span>
            </li>
          ))}
        </ul>
        <p className="cb-soft">{w("stale_undo")}</p>
      </div>
      <div className="cb-dialog-foot">
        <Button kind="cb-btn-go" run={() => flow.settleConflict("theirs")}>
          {w("take_theirs")}
        </Button>
        <Button run={() => flow.settleConflict("mine")}>{w("keep_mine")}</Button>
      </div>
    </Dialog>
  );
}
