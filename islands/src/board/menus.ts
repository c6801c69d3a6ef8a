// What can be done from the live board: a row's button opens a box with the acts that its reader may do (cordboard/desktop/views_board_acts.py).

import { openBox } from "../desk/box";

/** Where the box of a button stands. Rows of the waiting come and go with the values: their button takes the entry from its row. */
export function boxOf(button: HTMLElement): string {
  const url = button.dataset.rowBox ?? "";
  const entry = button.closest<HTMLElement>("[data-entry]")?.dataset.entry;
  return url.endsWith("/waiting/") && entry ? `${url}${entry}/` : url;
}

export function startBoardMenus(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-row-box]");
    if (button) void openBox(boxOf(button));
  });
}
