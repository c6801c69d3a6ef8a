// The flow being edited: its history, keeping it on the server, and what the server finds wrong with it.

import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import type { Doc } from "./context";
import type { PageData, Standing } from "./data";
import { begin, change, type History, redo, settle, undo } from "./history";
import { type Answer, type Refusal, send } from "./server";
import type { Problem } from "./types";

export type Keeping = "kept" | "changed" | "keeping" | "failed" | "stale";

export interface Conflict {
  theirs: Doc;
  id: number;
  version: number;
  revision: number;
  by: string;
  when: string;
}

type Act = { do: "change"; doc: Doc; kind: string } | { do: "undo" } | { do: "redo" } | { do: "settle" } | { do: "begin"; doc: Doc };

function reduce(history: History<Doc>, act: Act): History<Doc> {
  switch (act.do) {
    case "change":
      return change(history, act.doc, act.kind);
    case "undo":
      return undo(history);
    case "redo":
      return redo(history);
    case "settle":
      return settle(history);
    case "begin":
      return begin(act.doc);
  }
}

export const docOf = (standing: Standing): Doc => ({ name: standing.name, surfaces: standing.surfaces, graph: standing.graph });

const PAUSE = 900;
const KEEP_AFTER = 1500;
const CHECK_AFTER = 350;

export interface Flow {
  doc: Doc;
  history: History<Doc>;
  standing: Standing;
  keeping: Keeping;
  refusal: Refusal | null;
  conflict: Conflict | null;
  problems: Problem[];
  change: (doc: Doc, kind?: string) => void;
  undo: () => void;
  redo: () => void;
  /** Keep the draft now; false when that failed. */
  keep: () => Promise<boolean>;
  /** Publish the draft as it was kept last. */
  publish: (comment: string) => Promise<Answer<Standing>>;
  /** Two drafts met: go on with mine (it is kept over theirs) or with theirs (mine can be undone to). */
  settleConflict: (take: "mine" | "theirs") => void;
  /** The server has another state now (published, deleted): show that. */
  stand: (standing: Standing) => void;
}

export function useFlow(data: PageData): Flow {
  const [standing, setStanding] = useState(data.standing);
  const [history, act] = useReducer(reduce, begin(docOf(data.standing)));
  const [keeping, setKeeping] = useState<Keeping>("kept");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [problems, setProblems] = useState(data.standing.problems);
  const doc = history.now;
  const kept = useRef(doc);
  const now = useRef({ doc, standing, conflict });
  now.current = { doc, standing, conflict };
  const running = useRef<Promise<boolean> | null>(null);

  const keepOnce = useCallback(async (): Promise<boolean> => {
    const { doc: mine, standing: at, conflict: open } = now.current;
    if (!data.may.design || open) return false;
    if (mine === kept.current) return true;
    setKeeping("keeping");
    const answer = await send<Standing>(data.urls.save, { id: at.id, revision: at.revision, ...mine });
    if (answer.ok) {
      kept.current = mine;
      now.current.standing = answer.value;
      setStanding(answer.value);
      setRefusal(null);
      setKeeping(now.current.doc === mine ? "kept" : "changed");
      return true;
    }
    if (answer.refusal?.code === "stale") {
      setConflict(answer.refusal as unknown as Conflict);
      setKeeping("stale");
      return false;
    }
    setRefusal(answer.refusal ?? { code: answer.status === 401 ? "signed_out" : answer.status === 0 ? "network" : "server", message: "" });
    setKeeping("failed");
    return false;
  }, [data]);

  const keep = useCallback(async (): Promise<boolean> => {
    // One at a time: the next takes the revision that the one before brought.
    while (running.current) await running.current;
    const going = keepOnce();
    running.current = going;
    try {
      return await going;
    } finally {
      running.current = null;
    }
  }, [keepOnce]);

  useEffect(() => {
    if (doc === kept.current) {
      setKeeping((before) => (before === "changed" ? "kept" : before));
      return;
    }
    setKeeping((before) => (before === "stale" ? before : "changed"));
    const pause = window.setTimeout(() => act({ do: "settle" }), PAUSE);
    const timer = window.setTimeout(() => void keep(), KEEP_AFTER);
    return () => {
      window.clearTimeout(timer);
      window.clearTimeout(pause);
    };
  }, [doc, keep]);

  // What could not be kept is tried again; a page that is left keeps what it has.
  useEffect(() => {
    if (keeping !== "failed" || refusal?.message) return;
    const timer = window.setTimeout(() => void keep(), 5000);
    return () => window.clearTimeout(timer);
  }, [keeping, refusal, keep]);
  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent) => {
      if (now.current.doc === kept.current || !data.may.design) return;
      void keep();
      event.preventDefault();
    };
    window.addEventListener("beforeunload", leaving);
    return () => {
      window.removeEventListener("beforeunload", leaving);
      void keep();
    };
  }, [data, keep]);

  const checked = useRef<unknown>(doc.graph);
  useEffect(() => {
    if (checked.current === doc.graph) return;
    const stop = new AbortController();
    const timer = window.setTimeout(() => {
      send<{ problems: Problem[] }>(data.urls.check, { graph: doc.graph, surfaces: doc.surfaces }, stop.signal)
        .then((answer) => {
          if (!answer.ok) return;
          checked.current = doc.graph;
          setProblems(answer.value.problems);
        })
        .catch((problem: unknown) => {
          if (!stop.signal.aborted) throw problem;
        });
    }, CHECK_AFTER);
    return () => {
      window.clearTimeout(timer);
      stop.abort();
    };
  }, [doc.graph, doc.surfaces, data]);

  const stand = useCallback((fresh: Standing) => {
    kept.current = docOf(fresh);
    setStanding(fresh);
    setProblems(fresh.problems);
    checked.current = fresh.graph;
    setConflict(null);
    setRefusal(null);
    setKeeping("kept");
    act({ do: "begin", doc: kept.current });
  }, []);

  return {
    doc,
    history,
    standing,
    keeping,
    refusal,
    conflict,
    problems,
    change: useCallback((fresh: Doc, kind = "") => act({ do: "change", doc: fresh, kind }), []),
    undo: useCallback(() => act({ do: "undo" }), []),
    redo: useCallback(() => act({ do: "redo" }), []),
    keep,
    publish: (comment) => {
      const { id, revision } = now.current.standing;
      return send<Standing>(data.urls.publish, { id, revision, comment });
    },
    settleConflict: (take) => {
      if (!conflict) return;
      const at = { ...standing, id: conflict.id, version: conflict.version, revision: conflict.revision, state: "draft" as const };
      setStanding(at);
      now.current.standing = at;
      now.current.conflict = null;
      setConflict(null);
      if (take === "theirs") {
        kept.current = conflict.theirs;
        act({ do: "change", doc: conflict.theirs, kind: "" });
        setKeeping("kept");
      } else {
        setKeeping("changed");
        void keep();
      }
    },
    stand,
  };
}
