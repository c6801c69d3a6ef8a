// The words that scripts say, as the server put them into the page in the reader's language.

let known: Record<string, string> | null = null;

export function word(key: string, values: Record<string, string | number> = {}): string {
  known ??= JSON.parse(document.getElementById("cb-words")?.textContent ?? "{}") as Record<string, string>;
  const text = known[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}
