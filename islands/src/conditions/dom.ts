// Making elements.

export function element<K extends keyof HTMLElementTagNameMap>(name: K, kind: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  return made;
}

export function select(options: readonly (readonly [string, string])[], value: string, label: string): HTMLSelectElement {
  const made = element("select", "form-select form-control");
  made.setAttribute("aria-label", label);
  for (const [code, words] of options) {
    const option = element("option", "");
    option.value = code;
    option.textContent = words;
    option.selected = code === value;
    made.append(option);
  }
  return made;
}
