// Putting a fresh fragment in the place of an old one without taking anything out of a person's hands.

import { Idiomorph } from "idiomorph/dist/idiomorph.esm.js";
import { heldIn, settle } from "./focus";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function isField(node: unknown): node is Field {
  return node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement || node instanceof HTMLSelectElement;
}

/** Whether somebody has changed this field since the page was made, or stands in it. */
export function isDirty(field: Field): boolean {
  if (field === field.ownerDocument.activeElement) return true;
  if (field instanceof HTMLSelectElement) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio"))
    return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

/** Whether something within is being filled in, so that it must stay as it is. */
export function holdsWork(element: Element): boolean {
  // What was typed and came back in a new form (`data-typed`) is no change of that form, and work all the same.
  return (
    element.matches("[data-typed]") ||
    element.querySelector("[data-typed]") !== null ||
    [...element.querySelectorAll("input, textarea, select")].some((field) => isField(field) && field.type !== "search" && isDirty(field))
  );
}

/** Whether this node stays: an island, a dirty field, a form somebody is filling in. */
export function stays(old: Node): boolean {
  if (!(old instanceof Element)) return false;
  if (old.matches("[data-keep], [data-island]")) return true;
  if (isField(old)) return isDirty(old);
  return old instanceof HTMLFormElement && old.hasAttribute("data-dirty-guard") && holdsWork(old);
}

function padKey(element: Element): string {
  return element.querySelector("textarea")?.dataset.key ?? "";
}

/** Morph `old` into `fresh`. Scroll positions and what was folded open stay as they are; so does the focus, or it moves to what is next to where it was. */
export function morph(old: Element, fresh: Element): void {
  const root = old.ownerDocument;
  const held = heldIn(old);
  morphed(old, fresh);
  settle(held, root);
}

function morphed(old: Element, fresh: Element): void {
  if (old.matches("[data-pad]")) {
    // Another interaction's pad comes whole. Of the same one the text is the writer's, only what stands around it is fresh.
    if (padKey(old) !== padKey(fresh)) {
      old.replaceWith(fresh);
      return;
    }
    const kept = (node: Node) => node instanceof Element && (node.matches("textarea") || node.id === "pad-kept");
    Idiomorph.morph(old, fresh, {
      callbacks: { beforeNodeMorphed: (from) => !kept(from), beforeNodeRemoved: (node) => !kept(node) },
    });
    return;
  }
  // The next page of a script comes whole: what was typed into the one before is answered. Whoever worked in it by keys goes on in it.
  if (old instanceof HTMLElement && fresh instanceof HTMLElement && (old.dataset.turn ?? "") !== (fresh.dataset.turn ?? "")) {
    const worked = old.contains(old.ownerDocument.activeElement);
    old.replaceWith(fresh);
    if (worked) fresh.querySelector<HTMLElement>("[data-turn-focus]")?.focus();
    return;
  }
  const scrolled = [...old.querySelectorAll("[data-scroll]")]
    .concat(old.matches("[data-scroll]") ? [old] : [])
    .filter((element) => element.scrollTop > 0)
    .map((element) => ({ id: element.id, top: element.scrollTop }));
  // Not Idiomorph's ignoreActiveValue: it leaves the words of a button that was just pressed as they were. Fields in use stay by themselves.
  Idiomorph.morph(old, fresh, {
    callbacks: {
      beforeNodeMorphed: (from: Node) => !stays(from),
      beforeNodeRemoved: (node: Node) => !stays(node),
      // What is folded open stays open, and a menu stays where it was put.
      beforeAttributeUpdated: (name: string, node: Element) =>
        !(name === "open" && node.hasAttribute("data-keep-open")) &&
        !(name === "style" && node.hasAttribute("popover")) &&
        // What was given the focus although it is no field would lose it with its tabindex.
        !(name === "tabindex" && node === node.ownerDocument.activeElement),
    },
  });
  for (const { id, top } of scrolled) {
    const element = id ? document.getElementById(id) : null;
    if (element) element.scrollTop = top;
  }
}
