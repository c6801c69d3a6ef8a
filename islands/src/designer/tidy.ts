// Places for the steps of a large flow in a time that grows with its size only: each step under one of those that lead to it, families side by side (Wetherell and Shannon,
// "Tidy drawings of trees", IEEE Transactions on Software Engineering 5, 1979). A drawing in layers (dagre) is finer, but takes seconds from some hundred steps on.

export interface Spot {
  /** In widths of a step. Two steps of one row are at least one apart. */
  column: number;
  row: number;
}

interface Line {
  from: string;
  to: string;
}

/** `order`: the start first. `depths`: the row of each step, deeper than that of every step that leads to it, but for lines back. */
export function tidy(order: readonly string[], depths: ReadonlyMap<string, number>, lines: readonly Line[]): Map<string, Spot> {
  const { children, roots } = familiesOf(order, depths, lines);
  const spots = new Map<string, Spot>();
  const free: number[] = [];
  for (const root of roots) {
    const members = familyOf(root, children);
    // Children before parents: a parent stands over the middle of its children, and aside with all of them where its row is taken.
    const shift = new Map<string, number>();
    const moved: number[] = [];
    for (const name of [...members].reverse()) {
      const row = depths.get(name) ?? 0;
      const own = children.get(name) ?? [];
      const sides = [own[0], own.at(-1)].map((child) => spots.get(child ?? "")?.column ?? 0);
      const wanted = own.length ? ((sides[0] ?? 0) + (sides[1] ?? 0)) / 2 : (free[row] ?? 0);
      const by = Math.max(moved[row] ?? 0, (free[row] ?? 0) - wanted);
      moved[row] = by;
      shift.set(name, own.length ? by : 0);
      const column = own.length ? wanted + by : wanted;
      spots.set(name, { column, row });
      free[row] = column + 1;
    }
    const added = new Map<string, number>();
    for (const name of members) {
      const by = added.get(name) ?? 0;
      const spot = spots.get(name) as Spot;
      spot.column += by;
      free[spot.row] = Math.max(free[spot.row] ?? 0, spot.column + 1);
      for (const child of children.get(name) ?? []) added.set(child, by + (shift.get(name) ?? 0));
    }
  }
  return spots;
}

/** Each step below the first step that leads to it from the row just above, else from the nearest row above. */
function familiesOf(
  order: readonly string[],
  depths: ReadonlyMap<string, number>,
  lines: readonly Line[],
): { children: Map<string, string[]>; roots: string[] } {
  const parent = new Map<string, string>();
  const depth = (name: string | undefined) => depths.get(name ?? "") ?? 0;
  for (const { from, to } of lines) {
    if (depth(from) >= depth(to)) continue;
    const known = parent.get(to);
    if (known === undefined || depth(from) > depth(known)) parent.set(to, from);
  }
  const children = new Map<string, string[]>();
  for (const { from, to } of lines) {
    if (parent.get(to) !== from) continue;
    const own = children.get(from) ?? [];
    if (!own.includes(to)) children.set(from, [...own, to]);
  }
  return { children, roots: order.filter((name) => !parent.has(name)) };
}

/** The root and all below it, parents first, later children first: turned round, it is children first, in their order. */
function familyOf(root: string, children: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const todo = [root];
  while (todo.length) {
    const name = todo.pop() as string;
    found.push(name);
    todo.push(...(children.get(name) ?? []));
  }
  return found;
}
