export function startMenus(_root: Document): void {}
