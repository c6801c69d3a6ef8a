// Menus and dialogs. The browser's own popover and dialog do the hard part (top layer, Escape, focus trap); placed and walked here.

function place(menu: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const edge = 8;
  const below = at.bottom + 4;
  const top = below + size.height + edge > innerHeight ? Math.max(edge, at.top - 4 - size.height) : below;
  const left = Math.min(Math.max(edge, at.left), innerWidth - size.width - edge);
  menu.style.top = `${top}px`;
  menu.style.left = `${left}px`;
}

function items(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]:not(:disabled), .cb-keypad button')];
}

function opened(event: ToggleEvent): void {
  const menu = event.target as HTMLElement;
  if (!(menu instanceof HTMLElement) || !menu.matches(".cb-menu[popover]")) return;
  const button = document.querySelector<HTMLElement>(`[popovertarget="${menu.id}"], [data-popover="${menu.id}"], [data-act="${menu.id}"]`);
  button?.setAttribute("aria-expanded", event.newState === "open" ? "true" : "false");
  if (event.newState !== "open") return;
  if (button) place(menu, button);
  (menu.querySelector<HTMLElement>('[aria-checked="true"]') ?? items(menu)[0])?.focus();
}

function walk(event: KeyboardEvent): void {
  const menu = (event.target as Element | null)?.closest<HTMLElement>(".cb-menu[popover][role='menu']");
  if (!menu) return;
  const all = items(menu);
  if (menu.hasAttribute("data-numbered") && /^[1-9]$/.test(event.key)) {
    event.preventDefault();
    all[Number(event.key) - 1]?.click();
    return;
  }
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all[(to + all.length) % all.length]?.focus();
}

export function openDialog(id: string): HTMLDialogElement | null {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return null;
  if (!dialog.open) dialog.showModal();
  return dialog;
}

export function startMenus(root: Document): void {
  root.addEventListener("toggle", (event) => opened(event as ToggleEvent), true);
  root.addEventListener("keydown", walk);
  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    const dialog = target.closest<HTMLElement>("[data-dialog]")?.dataset.dialog;
    if (dialog) openDialog(dialog);
    if (target.closest("[data-close]")) target.closest("dialog")?.close();
    // A click on the backdrop is a click on the dialog itself, outside of what is in it.
    if (target instanceof HTMLDialogElement) {
      const box = target.getBoundingClientRect();
      if (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) target.close();
    }
    const chosen = target.closest<HTMLElement>('[role^="menuitem"]');
    if (chosen) chosen.closest<HTMLElement>("[popover]")?.hidePopover();
  });
}
