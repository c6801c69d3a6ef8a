// What the palette offers and what keys do, put together from what stands on the page.

import { linkChoices, toolChoices } from "./choices";
import { commandChoices, commandOf, runCommand } from "./commands";
import { startKeyboard } from "./keyboard";
import { startLetters } from "./letters";
import { openDialog } from "./menus";
import { type Choice, Palette } from "./palette";
import { toggle } from "./player";
import type { Press } from "./tools";

export interface Reach {
  tool: Press;
  go(url: string): void;
  /** Open the box at this address. */
  open(box: string): void;
  /** Ready, or not ready. False for those who take no contacts. */
  ready(): boolean;
}

export function startKeys(root: Document, reach: Reach): void {
  const tools = (): Choice[] => toolChoices((button) => void reach.tool(button));
  const dialog = root.getElementById("palette");
  const palette =
    dialog instanceof HTMLDialogElement
      ? new Palette(
          dialog,
          () => [
            ...commandChoices(root, run),
            ...tools().filter((choice) => choice.enabled),
            ...linkChoices("#state-menu button", "headset"),
            ...linkChoices("#work [data-tab]", "chevron-right"),
            ...linkChoices("#nav [data-nav]", "chevron-right"),
            ...tools().filter((choice) => !choice.enabled),
          ],
          (url) => reach.go(url),
          (box) => reach.open(box),
        )
      : null;
  palette?.start();
  const run = (element: HTMLElement): void => runCommand(element, (of) => palette?.choose(() => commandChoices(root, run, of)));

  const pressed = (key: string): boolean => {
    const button = root.querySelector<HTMLButtonElement>(`[data-tool][aria-keyshortcuts="${key}"]`);
    if (!button || button.disabled) return false;
    void reach.tool(button);
    return true;
  };
  const clicked = (selector: string): boolean => {
    const element = root.querySelector<HTMLElement>(selector);
    element?.click();
    return element !== null;
  };
  /** To the search of the page that is open. */
  const search = (): boolean => {
    const field = root.querySelector<HTMLInputElement>("#stage input[type=search]");
    field?.focus();
    field?.select();
    return field !== null;
  };
  startLetters(root);
  startKeyboard(root, {
    tool: pressed,
    shifted: (key) => pressed(`Shift+${key}`),
    interaction: (number) => {
      const tab = root.querySelectorAll<HTMLAnchorElement>("#itabs [data-interaction]")[number - 1];
      tab?.click();
      return tab !== undefined;
    },
    favourite: (number) => clicked(`[data-number="${number}"]`),
    palette: () => palette?.begin(),
    help: () => void openDialog("shortcuts"),
    pad: () => root.getElementById("pad-text")?.focus(),
    play: () => void toggle(root),
    later: () => void clicked("#callback-later"),
    work: () => root.querySelector<HTMLElement>("#work [role=tab][aria-selected=true]")?.focus(),
    rejectWhy: () => clicked("#tool-reject-why:enabled"),
    ready: () => reach.ready(),
    command: (chord) => {
      const element = chord ? commandOf(root, chord) : null;
      if (element) run(element);
      return element !== null || (chord === "/" && search());
    },
  });
}
