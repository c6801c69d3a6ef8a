// The designer's keys and clipboard: undo, redo, keep, find, choose all, double, copy, cut, paste.

import { useEffect, useRef } from "react";
import { copySteps, pasteSteps, readClip, removeSteps } from "./graph";
import type { Graph, StepTypes } from "./types";
import type { Flow } from "./useflow";

export interface Keyed {
  flow: Flow;
  chosen: string[];
  fixed: boolean;
  types: StepTypes;
  change: (graph: Graph) => void;
  choose: (steps: string[], focus?: "form" | "canvas") => void;
  find: () => void;
}

const isTyping = (element: Element | null): boolean => element?.matches("input:not([type=checkbox]), textarea, select") ?? false;

/** Whether what has the focus is in the designer, or is the page around it, where it stands before anything was chosen. */
const ours = (root: HTMLElement, at: Node | null): boolean => at !== null && (root.contains(at) || at.contains(root));

export function useKeys(root: HTMLElement, keyed: Keyed): void {
  const live = useRef(keyed);
  live.current = keyed;
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]")) return;
      if (!ours(root, event.target as Node)) return;
      const key = event.key.toLowerCase();
      const now = live.current;
      if (key === "z" && !now.fixed) (event.shiftKey ? now.flow.redo : now.flow.undo)();
      else if (key === "y" && !now.fixed) now.flow.redo();
      else if (key === "s") void now.flow.keep();
      else if (key === "f") now.find();
      else if (key === "a" && !isTyping(document.activeElement)) now.choose(Object.keys(now.flow.doc.graph.steps));
      else if (key === "d" && !isTyping(document.activeElement) && now.chosen.length && !now.fixed) {
        const [pasted, names] = pasteSteps(now.flow.doc.graph, copySteps(now.flow.doc.graph, now.chosen), now.types);
        now.change(pasted);
        now.choose(names, "canvas");
      } else return;
      event.preventDefault();
    };
    const copied = (event: ClipboardEvent) => {
      const now = live.current;
      if (isTyping(document.activeElement) || !now.chosen.length || String(document.getSelection())) return;
      if (!ours(root, document.activeElement)) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", JSON.stringify(copySteps(now.flow.doc.graph, now.chosen), null, 2));
      if (event.type === "cut" && !now.fixed) {
        now.change(removeSteps(now.flow.doc.graph, now.chosen, now.types));
        now.choose([]);
      }
    };
    const pasted = (event: ClipboardEvent) => {
      const now = live.current;
      if (isTyping(document.activeElement) || now.fixed) return;
      const clip = readClip(event.clipboardData?.getData("text/plain") ?? "");
      if (!clip) return;
      event.preventDefault();
      const [result, names] = pasteSteps(now.flow.doc.graph, clip, now.types);
      now.change(result);
      now.choose(names, "canvas");
    };
    document.addEventListener("keydown", keys, true);
    document.addEventListener("copy", copied);
    document.addEventListener("cut", copied);
    document.addEventListener("paste", pasted);
    return () => {
      document.removeEventListener("keydown", keys, true);
      document.removeEventListener("copy", copied);
      document.removeEventListener("cut", copied);
      document.removeEventListener("paste", pasted);
    };
  }, [root]);
}
