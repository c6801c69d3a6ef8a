// Where the steps of a flow stand and how its lines run: in layers, from the top down. A step that somebody has put somewhere (`place`) stays there.

import { layout as arrange, Graph as Layered } from "@dagrejs/dagre";
import { exitsOf } from "./graph";
import { tidy } from "./tidy";
import type { Graph, StepTypes } from "./types";

export const WIDTH = 220;
export const HEIGHT = 46;

export interface Point {
  x: number;
  y: number;
}

export interface Line {
  id: string;
  from: string;
  exit: string;
  to: string;
  /** Corners on the way, from one box's edge to the other's; empty when the boxes stand by hand and the line finds its own way. */
  points: Point[];
}

export interface Layout {
  /** The upper left corner of each step. */
  places: Record<string, Point>;
  lines: Line[];
}

export function placeOf(step: unknown): Point | null {
  const place = (step as { place?: unknown } | null)?.place;
  if (!Array.isArray(place) || place.length !== 2 || !place.every((one) => typeof one === "number" && Number.isFinite(one))) return null;
  return { x: place[0] as number, y: place[1] as number };
}

export function linesOf(graph: Graph, types: StepTypes): Line[] {
  const lines: Line[] = [];
  for (const [from, step] of Object.entries(graph.steps))
    for (const exit of exitsOf(step, types[step.type]))
      if (exit.target !== null && exit.target in graph.steps)
        lines.push({ id: `${from}/${exit.name}`, from, exit: exit.name, to: exit.target, points: [] });
  return lines;
}

/** Deterministic: the same flow is drawn the same. */
export function layout(graph: Graph, types: StepTypes, labelWidth: (line: Line) => number = () => 0): Layout {
  const names = Object.keys(graph.steps);
  const lines = linesOf(graph, types);
  const given = new Map(names.map((name) => [name, placeOf(graph.steps[name])]));
  const order = orderOf(graph, names);
  const depths = depthsOf(order, lines);
  const length = lines.reduce((sum, line) => sum + Math.abs((depths.get(line.to) ?? 0) - (depths.get(line.from) ?? 0)), 0);
  if (names.length > FINE || length > LONGEST) {
    const places: Record<string, Point> = {};
    for (const [name, { column, row }] of tidy(order, depths, lines))
      places[name] = given.get(name) ?? { x: Math.round(column * (WIDTH + 40)), y: row * (HEIGHT + 60) };
    return { places, lines };
  }
  const drawn = new Layered({ multigraph: true });
  drawn.setGraph({ rankdir: "TB", nodesep: 34, ranksep: 46, edgesep: 14, ranker: "network-simplex" });
  drawn.setDefaultEdgeLabel(() => ({}));
  for (const name of order) drawn.setNode(name, { width: WIDTH, height: HEIGHT });
  for (const line of lines) {
    if (line.from === line.to) continue; // drawn as a loop beside its step
    const width = labelWidth(line);
    drawn.setEdge(line.from, line.to, width ? { width, height: 16, labelpos: "c", minlen: 1 } : { minlen: 1 }, line.exit);
  }
  arrange(drawn);
  const places: Record<string, Point> = {};
  for (const name of names) {
    const at = drawn.node(name) as unknown as Point;
    places[name] = given.get(name) ?? { x: Math.round(at.x - WIDTH / 2), y: Math.round(at.y - HEIGHT / 2) };
  }
  for (const line of lines) {
    if (line.from === line.to || given.get(line.from) || given.get(line.to)) continue;
    const edge = drawn.edge({ v: line.from, w: line.to, name: line.exit }) as { points?: Point[] } | undefined;
    line.points = (edge?.points ?? []).map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }));
  }
  return { places, lines };
}

/** Steps up to which a flow is drawn in layers: the time for that grows with the square of them (150 steps: half a second). */
const FINE = 150;
/** Lines over more layers than this in all take a layered drawing too long as well. */
const LONGEST = 3_000;

/** In which layer each step comes, with every line but those that lead back pointing down: the longest way to it. */
function depthsOf(order: readonly string[], lines: readonly Line[]): Map<string, number> {
  const next = new Map<string, string[]>();
  for (const line of lines) {
    const own = next.get(line.from);
    if (own) own.push(line.to);
    else next.set(line.from, [line.to]);
  }
  const state = new Map<string, "open" | "done">();
  const back = new Set<string>();
  const left: string[] = [];
  for (const root of order) {
    const stack = state.has(root) ? [] : [{ name: root, at: 0 }];
    if (stack.length) state.set(root, "open");
    while (stack.length) {
      const top = stack[stack.length - 1] as { name: string; at: number };
      const to = next.get(top.name)?.[top.at++];
      if (to === undefined) {
        state.set(top.name, "done");
        left.push(top.name);
        stack.pop();
      } else if (!state.has(to)) {
        state.set(to, "open");
        stack.push({ name: to, at: 0 });
      } else if (state.get(to) === "open") back.add(`${top.name} ${to}`);
    }
  }
  const depths = new Map(order.map((name) => [name, 0]));
  for (const name of left.reverse())
    for (const to of next.get(name) ?? [])
      if (!back.has(`${name} ${to}`)) depths.set(to, Math.max(depths.get(to) ?? 0, (depths.get(name) ?? 0) + 1));
  return depths;
}

/** The start first: layers then begin with it where nothing stands above it. */
function orderOf(graph: Graph, names: string[]): string[] {
  const first = graph.start && names.includes(graph.start) ? [graph.start] : [];
  return [...first, ...names.filter((name) => name !== first[0])];
}

/** Every step with the place that it has now, so that one can be moved by hand and the others stay. */
export function frozen(graph: Graph, places: Record<string, Point>): Graph {
  const steps = Object.fromEntries(
    Object.entries(graph.steps).map(([name, step]) => {
      const at = places[name];
      return [name, at ? { ...step, place: [Math.round(at.x), Math.round(at.y)] } : step];
    }),
  );
  return { ...graph, steps };
}

/** No step has a place of its own: all are arranged. */
export function thawed(graph: Graph): Graph {
  const steps = Object.fromEntries(
    Object.entries(graph.steps).map(([name, { place: _, ...step }]) => [name, step as (typeof graph.steps)[string]]),
  );
  return { ...graph, steps };
}

/** Of the steps around, the one that lies that way from `name`: for the arrow keys. */
export function neighbour(places: Record<string, Point>, name: string, way: "up" | "down" | "left" | "right"): string | null {
  const from = places[name];
  if (!from) return null;
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [other, at] of Object.entries(places)) {
    if (other === name) continue;
    const across = way === "left" || way === "right";
    const ahead = { up: from.y - at.y, down: at.y - from.y, left: from.x - at.x, right: at.x - from.x }[way];
    const aside = Math.abs(across ? at.y - from.y : at.x - from.x);
    if (ahead <= 0 || (across && aside > HEIGHT * 2)) continue;
    const far = ahead + aside * 2;
    if (far < least) {
      least = far;
      best = other;
    }
  }
  return best;
}

/** An SVG path along these corners, rounded. */
export function rounded(points: readonly Point[], radius = 8): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${first.x} ${first.y}`;
  rest.forEach((corner, number) => {
    const before = points[number] as Point;
    const after = rest[number + 1];
    if (!after) {
      path += `L${corner.x} ${corner.y}`;
      return;
    }
    const to = toward(corner, before, radius);
    const on = toward(corner, after, radius);
    path += `L${to.x} ${to.y}Q${corner.x} ${corner.y} ${on.x} ${on.y}`;
  });
  return path;
}

/** The point on the way from `from` to `to`, at most `far` away and at most half of it. */
function toward(from: Point, to: Point, far: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length ? Math.min(far / length, 0.5) : 0;
  return { x: Math.round((from.x + (to.x - from.x) * share) * 10) / 10, y: Math.round((from.y + (to.y - from.y) * share) * 10) / 10 };
}

/** Half way along the corners: where a line's words stand. */
export function middle(points: readonly Point[]): Point {
  const lengths = points
    .slice(1)
    .map((point, number) => Math.hypot(point.x - (points[number] as Point).x, point.y - (points[number] as Point).y));
  let left = lengths.reduce((sum, one) => sum + one, 0) / 2;
  for (const [number, length] of lengths.entries()) {
    const from = points[number] as Point;
    const to = points[number + 1] as Point;
    if (left <= length) {
      const share = length ? left / length : 0;
      return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
    }
    left -= length;
  }
  return points.at(-1) ?? { x: 0, y: 0 };
}
