// A step on the graph, and the lines between steps.

import {
  BaseEdge,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  getSmoothStepPath,
  Handle,
  type Node,
  type NodeProps,
  Position,
} from "@xyflow/react";
import { memo, type ReactNode } from "react";
import { useDesigner } from "./context";
import type { Drawn } from "./drawn";
import { middle, type Point, rounded } from "./layout";
import type { StepMarks } from "./marks";
import { Icon } from "./parts";

export interface StepData extends Record<string, unknown> {
  text: Drawn;
  marks: StepMarks;
  language: string;
}

export type StepNodeType = Node<StepData, "step">;

const SIGN: Record<string, string> = { added: "plus", removed: "minus", changed: "pencil" };

export const StepNode = memo(function StepNode({ data, selected }: NodeProps<StepNodeType>): ReactNode {
  const { w } = useDesigner();
  const { marks, text } = data;
  const kinds = [
    "cb-node",
    selected ? "cb-node-on" : "",
    marks.errors ? "cb-node-bad" : "",
    marks.change ? `cb-node-${marks.change}` : "",
    marks.play ? `cb-node-play-${marks.play}` : "",
    marks.found ? "cb-node-found" : "",
  ];
  return (
    <div className={kinds.filter(Boolean).join(" ")} title={text.note || undefined}>
      <Handle type="target" position={Position.Top} id="in" />
      <header>
        <Icon name={text.icon} size={14} />
        <span>{text.words}</span>
        {marks.start ? <b className="cb-node-tag">{w("start_tag")}</b> : null}
        {marks.roots.map((root) => (
          <b className="cb-node-tag" key={root}>
            {w(`${root}_tag`)}
          </b>
        ))}
        <em>
          {marks.figure ? <span className={text.ends ? "" : "cb-node-figure"}>{marks.figure}</span> : null}
          {text.note ? <Icon name="note" size={12} label={w("has_note")} /> : null}
          {marks.change ? (
            <span className="cb-node-sign">
              <Icon name={SIGN[marks.change] ?? "pencil"} size={12} /> {w(`step_${marks.change}`)}
            </span>
          ) : null}
          {marks.play === "at" ? <Icon name="player-play" size={12} label={w("play_here")} /> : null}
          {marks.errors ? (
            <span className="cb-bad">
              <Icon name="alert-circle" size={14} label={w("errors_here", { number: marks.errors })} />
            </span>
          ) : null}
          {!marks.errors && marks.notes ? (
            <span className="cb-warn">
              <Icon name="alert-triangle" size={14} label={w("notes_here", { number: marks.notes })} />
            </span>
          ) : null}
        </em>
      </header>
      <p lang={data.language}>{text.title}</p>
      {text.exits.map((exit, number) => (
        <Handle
          key={exit.name}
          type="source"
          position={Position.Bottom}
          id={exit.name}
          className={exit.open ? "cb-handle-open" : ""}
          style={{ left: `${((number + 1) * 100) / (text.exits.length + 1)}%` }}
          title={exit.words || w("next")}
        />
      ))}
    </div>
  );
});

export interface LineData extends Record<string, unknown> {
  words: string;
  /** Corners of the arranged drawing; empty for a line that finds its own way. */
  points: Point[];
  /** Which exit of its step this is, so that lines side by side do not lie on one another. */
  number: number;
  figure: string;
  /** 0 to 1: how much of what came to the step went along here. */
  share: number | null;
  passed: boolean;
  language: string;
}

export type LineType = Edge<LineData, "line">;

/** Corners with right angles only: down, across half way to the next layer, down. */
export function squared(points: readonly Point[], number: number): Point[] {
  const corners: Point[] = [];
  points.forEach((point, at) => {
    const before = points[at - 1];
    if (before && Math.abs(before.x - point.x) > 1) {
      const half = before.y + (point.y - before.y) / 2 + (((number % 5) - 2) * 4 * Math.sign(point.y - before.y) || 0);
      corners.push({ x: before.x, y: half }, { x: point.x, y: half });
    }
    corners.push(point);
  });
  return corners;
}

export const Line = memo(function Line(props: EdgeProps<LineType>): ReactNode {
  const { id, sourceX, sourceY, targetX, targetY, data, selected, markerEnd } = props;
  const own = data?.points ?? [];
  let path: string;
  let at: Point;
  if (own.length > 1) {
    const points = squared([{ x: sourceX, y: sourceY }, ...own.slice(1, -1), { x: targetX, y: targetY }], data?.number ?? 0);
    path = rounded(points);
    at = own.length > 2 ? (own[Math.floor(own.length / 2)] as Point) : middle(points);
  } else {
    const [smooth, x, y] = getSmoothStepPath({
      sourceX,
      sourceY,
      targetX,
      targetY,
      sourcePosition: Position.Bottom,
      targetPosition: Position.Top,
      borderRadius: 8,
    });
    path = smooth;
    at = { x, y };
  }
  const width = data?.share === null || data?.share === undefined ? undefined : 1 + data.share * 5;
  const words = [data?.words, data?.figure].filter(Boolean);
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        className={`cb-line${data?.passed ? " cb-line-passed" : ""}${selected ? " cb-line-on" : ""}`}
        interactionWidth={16}
        {...(markerEnd ? { markerEnd } : {})}
        {...(width ? { style: { strokeWidth: width } } : {})}
      />
      {words.length ? (
        <EdgeLabelRenderer>
          <span
            className={`cb-edge-label${data?.passed ? " cb-edge-passed" : ""}`}
            lang={data?.language}
            title={data?.words}
            style={{ transform: `translate(-50%, -50%) translate(${Math.round(at.x)}px, ${Math.round(at.y)}px)` }}
          >
            {data?.words ? <span>{data.words}</span> : null}
            {data?.figure ? <b>{data.figure}</b> : null}
          </span>
        </EdgeLabelRenderer>
      ) : null}
    </>
  );
});
