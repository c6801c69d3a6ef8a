// Calendars of service staff: a visit is dragged to another time or person, or moved by keys: M takes it up, arrows carry it (a quarter of an hour, a column),
// Enter puts it down, Escape leaves it where it was. The server decides; what it refuses stays where it was, and says why.

import { post } from "./requests";

export const STEP = 15;

export interface Column {
  /** Minutes since 1970 of the upper edge, and how many the column shows. */
  top: number;
  minutes: number;
}

/** The quarter of an hour that lies `y` pixels under the upper edge of a column of that height, the visit kept within it. */
export function minuteAt(column: Column, y: number, height: number, length: number): number {
  const at = Math.round(((y / height) * column.minutes) / STEP) * STEP;
  return column.top + Math.max(0, Math.min(column.minutes - length, at));
}

interface Held {
  block: HTMLElement;
  column: HTMLElement;
  start: number;
  length: number;
  ghost: HTMLElement;
}

const columnOf = (element: HTMLElement): Column => ({ top: Number(element.dataset.top), minutes: Number(element.dataset.minutes) });

export function startCalendar(root: Document, moved: () => void): void {
  let held: Held | null = null;
  let pressed: { block: HTMLElement; x: number; y: number; grip: number; pointer: number } | null = null;
  let byKeys = false;
  let dragged = false;

  const take = (block: HTMLElement): Held | null => {
    const column = block.closest<HTMLElement>("[data-cal-column]");
    if (!column) return null;
    const ghost = block.cloneNode(true) as HTMLElement;
    ghost.removeAttribute("id");
    ghost.removeAttribute("href");
    ghost.setAttribute("aria-hidden", "true");
    ghost.classList.add("cb-cal-ghost");
    block.classList.add("cb-cal-from");
    return { block, column, start: Number(block.dataset.start), length: Number(block.dataset.minutes), ghost };
  };
  const show = (one: Held): void => {
    const { top, minutes } = columnOf(one.column);
    one.ghost.style.setProperty("--v", String(((one.start - top) * 100) / minutes));
    if (one.ghost.parentElement !== one.column) one.column.append(one.ghost);
    const time = one.ghost.querySelector("[data-cal-time]");
    if (time) time.textContent = clock(one);
    say(one);
  };
  // The column's head has the day and the name; the labels of the grid are on the reader's clock, so the time is counted from the first of them.
  const clock = (one: Held): string => {
    const { top } = columnOf(one.column);
    const first = Number(one.column.dataset.early) + (one.start - top);
    return `${String(Math.floor(first / 60)).padStart(2, "0")}:${String(first % 60).padStart(2, "0")}`;
  };
  const say = (one: Held): void => {
    const box = root.getElementById("calendar-said");
    if (box) box.textContent = `${one.column.dataset.name}, ${one.column.dataset.day}, ${clock(one)}`;
  };
  const letGo = (): void => {
    held?.ghost.remove();
    held?.block.classList.remove("cb-cal-from");
    root.body.classList.remove("cb-cal-dragging");
    held = null;
    pressed = null;
    byKeys = false;
  };
  const drop = async (): Promise<void> => {
    const one = held;
    if (!one) return;
    const url = one.block.dataset.moveUrl ?? "";
    const same = one.start === Number(one.block.dataset.start) && one.block.closest("[data-cal-column]") === one.column;
    letGo();
    if (same || !url) return;
    await post(url, { start: String(one.start), staff: one.column.dataset.staff ?? "", version: one.block.dataset.version ?? "" });
    moved();
  };

  root.addEventListener("pointerdown", (event) => {
    const block = (event.target as Element).closest<HTMLElement>("[data-move-url]");
    dragged = false;
    if (!block || event.button !== 0 || held) return;
    pressed = {
      block,
      x: event.clientX,
      y: event.clientY,
      grip: event.clientY - block.getBoundingClientRect().top,
      pointer: event.pointerId,
    };
  });
  root.addEventListener("pointermove", (event) => {
    if (!pressed || event.pointerId !== pressed.pointer) return;
    if (!held) {
      if (Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < 5) return;
      held = take(pressed.block);
      if (!held) return;
      dragged = true;
      root.body.classList.add("cb-cal-dragging");
    }
    const column = root
      .elementsFromPoint(event.clientX, event.clientY)
      .map((one) => one.closest<HTMLElement>("[data-cal-column]"))
      .find((one) => one !== null);
    if (column) held.column = column;
    const box = held.column.getBoundingClientRect();
    held.start = minuteAt(columnOf(held.column), event.clientY - pressed.grip - box.top, box.height, held.length);
    show(held);
  });
  root.addEventListener("pointerup", () => {
    if (held && !byKeys) void drop();
    else pressed = null;
  });
  root.addEventListener("pointercancel", () => {
    if (!byKeys) letGo();
  });
  root.addEventListener("dragstart", (event) => {
    if ((event.target as Element).closest?.("[data-move-url]")) event.preventDefault();
  });
  root.addEventListener(
    "click",
    (event) => {
      if (!dragged) return;
      dragged = false;
      if (!(event.target as Element).closest("[data-cal-column]")) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  root.addEventListener(
    "keydown",
    (event) => {
      if (held && event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        const { block } = held;
        letGo();
        block.focus();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const block = (event.target as Element).closest?.<HTMLElement>("[data-move-url]");
      if (!block) return;
      if (!held) {
        if (event.key.toLowerCase() !== "m") return;
        held = take(block);
        if (!held) return;
        byKeys = true;
        event.preventDefault();
        event.stopPropagation();
        show(held);
        return;
      }
      if (!byKeys) return;
      const { top, minutes } = columnOf(held.column);
      if (event.key === "Enter" || event.key === " ") void drop();
      else if (event.key === "ArrowUp") held.start = Math.max(top, held.start - STEP);
      else if (event.key === "ArrowDown") held.start = Math.min(top + minutes - held.length, held.start + STEP);
      else if (event.key === "ArrowLeft" || event.key === "ArrowRight") beside(held, event.key === "ArrowLeft" ? -1 : 1);
      else return;
      event.preventDefault();
      event.stopPropagation();
      if (held) show(held);
    },
    true,
  );

  const beside = (one: Held, step: number): void => {
    const columns = [...root.querySelectorAll<HTMLElement>("[data-cal-column]")];
    const next = columns[columns.indexOf(one.column) + step];
    if (!next) return;
    const offset = one.start - columnOf(one.column).top;
    one.column = next;
    one.start = columnOf(next).top + offset;
  };
}
