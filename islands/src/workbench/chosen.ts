// Which cells of a decision table are chosen: from the cell that has the cursor to another corner, marked on the screen.

import type { Box } from "./sheet";
import { isOne } from "./sheet";

const CELL = "input[data-cell]";

export function cellOf(target: EventTarget | null): { input: HTMLInputElement; at: number; place: number } | null {
  const input = target instanceof HTMLInputElement ? target : null;
  if (!input?.dataset.cell) return null;
  const [at = 0, place = 0] = input.dataset.cell.split(":").map(Number);
  return { input, at, place };
}

export class Chosen {
  private from = { at: 0, place: 0 };
  private to = { at: 0, place: 0 };

  constructor(private readonly host: HTMLElement) {
    host.addEventListener("focusin", (event) => {
      const cell = cellOf(event.target);
      if (cell) this.only(cell.at, cell.place);
    });
    host.addEventListener("mousedown", (event) => {
      const cell = cellOf(event.target);
      if (!cell || !event.shiftKey || !host.contains(document.activeElement) || !cellOf(document.activeElement)) return;
      event.preventDefault();
      this.extend(cell.at, cell.place);
    });
  }

  get box(): Box {
    const { from, to } = this;
    return {
      top: Math.min(from.at, to.at),
      bottom: Math.max(from.at, to.at),
      left: Math.min(from.place, to.place),
      right: Math.max(from.place, to.place),
    };
  }

  get many(): boolean {
    return !isOne(this.box);
  }

  get corner(): { at: number; place: number } {
    return this.to;
  }

  only(at: number, place: number): void {
    this.from = { at, place };
    this.to = { at, place };
    this.mark();
  }

  extend(at: number, place: number): void {
    this.to = { at, place };
    this.mark();
  }

  mark(): void {
    const { top, bottom, left, right } = this.box;
    const { many } = this;
    for (const input of this.host.querySelectorAll<HTMLInputElement>(CELL)) {
      const cell = cellOf(input);
      const within = many && cell && cell.at >= top && cell.at <= bottom && cell.place >= left && cell.place <= right;
      input.classList.toggle("cb-dtable-on", Boolean(within));
    }
  }
}
