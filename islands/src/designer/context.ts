// What every part of the designer has at hand: the flow, what may be done with it, and the words.

import { createContext, useContext } from "react";
import type { Fact } from "../conditions/model";
import { fill } from "../conditions/words";
import type { PageData } from "./data";
import type { Naming } from "./labels";
import type { Graph, Problem, StepTypes } from "./types";

export interface Doc {
  name: string;
  surfaces: string[];
  graph: Graph;
}

export interface Designer {
  data: PageData;
  doc: Doc;
  graph: Graph;
  types: StepTypes;
  facts: Fact[];
  naming: Naming;
  problems: Problem[];
  /** Steps that are chosen; the form shows the first. */
  chosen: string[];
  /** The language in which texts are shown and edited. */
  language: string;
  /** Nothing can be changed: an older version is shown, or the reader may only look. */
  fixed: boolean;
  w: (key: string, values?: Record<string, string | number>) => string;
  /** Change the graph; changes of one `kind` in a row are undone together. */
  change: (graph: Graph, kind?: string) => void;
  changeDoc: (doc: Partial<Doc>, kind?: string) => void;
  choose: (steps: string[], focus?: "form" | "canvas") => void;
  /** Add a step of a type on an exit, and choose it. */
  addOn: (type: string, after?: { step: string; exit: string }) => void;
  speak: (language: string) => void;
}

export const DesignerContext = createContext<Designer | null>(null);

export function useDesigner(): Designer {
  const found = useContext(DesignerContext);
  if (!found) throw new Error("outside of the designer");
  return found;
}

/** The words of a key with {values}; the key itself where the server gave none, so that it is seen. */
export function wordsOf(words: Record<string, string>): Designer["w"] {
  return (key, values = {}) => fill(words[key] ?? key, values);
}
