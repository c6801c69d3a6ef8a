// Which letter a key means. On a keyboard of another script (Thai, Russian) the place of the key counts, as it is printed beside the other letter; on a
// Latin one (also Dvorak or AZERTY) what is printed on it. Single letters can be switched off by whoever speaks to the computer (WCAG 2.1.4).

const SINGLE = "cb-single-keys";
const PLACES: Record<string, [string, string]> = { Slash: ["/", "?"], Digit3: ["3", "#"] };

/** The character in capitals ("T", "3", "#", "?"), or the key's name ("Enter"). Empty where it stands for nothing here. */
export function letterOf(event: KeyboardEvent): string {
  const { key, code } = event;
  if (key.length !== 1 && key !== "Process" && key !== "Unidentified" && key !== "Dead") return key;
  if (/^[!-~]$/.test(key)) return key.toUpperCase();
  const place = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(code ?? "");
  const other = PLACES[code ?? ""];
  if (other && (event.shiftKey || !place)) return other[event.shiftKey ? 1 : 0] ?? "";
  return place ? (place[1] ?? place[2] ?? "") : key;
}

/** As aria-keyshortcuts has it: "T", "Shift+H", "#" (Shift belongs to a sign, not to its name), "Alt+R". Empty where Ctrl or the like is held as well. */
export function chordOf(event: KeyboardEvent): string {
  if (event.ctrlKey || event.metaKey) return "";
  // With Alt the key writes something else on some systems: only its place says which it is.
  const letter = event.altKey ? (/^Key([A-Z])$/.exec(event.code ?? "")?.[1] ?? letterOf(event)) : letterOf(event);
  if (letter.length !== 1) return "";
  const shift = event.shiftKey && /^[A-Z]$/.test(letter) ? "Shift+" : "";
  return `${event.altKey ? "Alt+" : ""}${shift}${letter}`;
}

/** Whether single letters do something in this browser. */
export function singleKeys(): boolean {
  return localStorage.getItem(SINGLE) !== "off";
}

export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(SINGLE);
  else localStorage.setItem(SINGLE, "off");
}

/** The box in the list of shortcuts that switches them off. */
export function startLetters(root: Document): void {
  const box = root.getElementById("single-keys");
  if (!(box instanceof HTMLInputElement)) return;
  box.checked = singleKeys();
  box.addEventListener("change", () => setSingleKeys(box.checked));
}
