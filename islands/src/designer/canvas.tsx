// The graph: steps and lines, moved and connected with the mouse or by keys.

import {
  applyNodeChanges,
  Background,
  type Connection,
  MarkerType,
  type NodeChange,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import { type DragEvent, type KeyboardEvent, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useDesigner } from "./context";
import type { Figures, Played } from "./data";
import { type Difference, merged } from "./difference";
import { type Drawn, useDrawn } from "./drawn";
import { addStep, connect, removeSteps, setField } from "./graph";
import { frozen, HEIGHT, type Layout, layout, neighbour, type Point, WIDTH } from "./layout";
import { marksOf, passedLines } from "./marks";
import { Line, type LineType, StepNode, type StepNodeType } from "./node";
import { Icon } from "./parts";
import type { Graph, Step } from "./types";

const NODES = { step: StepNode };
const LINES = { line: Line };
const ARROW = { type: MarkerType.ArrowClosed, width: 18, height: 18, markerUnits: "userSpaceOnUse" };
/** The smallest size at which a flow is opened. */
const READABLE = 0.85;
/** What is dragged from the palette. */
export const DRAGGED = "application/x-cordboard-step";

const SIZE = { width: WIDTH, height: HEIGHT };
/** Width and height of a handle (designer.css). */
const DOT = 9;

/** Where lines begin and end on a step, as node.tsx draws it. */
function handlesOf({ exits }: Drawn): NonNullable<StepNodeType["handles"]> {
  const dot = (x: number, y: number) => ({ x: x - DOT / 2, y: y - DOT / 2, width: DOT, height: DOT });
  return [
    { id: "in", type: "target", position: Position.Top, ...dot(WIDTH / 2, 0) },
    ...exits.map((exit, number) => ({
      id: exit.name,
      type: "source" as const,
      position: Position.Bottom,
      ...dot(((number + 1) * WIDTH) / (exits.length + 1), HEIGHT),
    })),
  ];
}

export interface CanvasProps {
  compare: { graph: Graph; difference: Difference } | null;
  played: Played | null;
  figures: Figures | null;
  found: ReadonlySet<string>;
  line: string | null;
  chooseLine: (id: string | null) => void;
  /** Ask the palette for a step to put after the one that is chosen, or on the line. */
  insert: () => void;
  edit: () => void;
}

export function Canvas(props: CanvasProps): ReactNode {
  return (
    <ReactFlowProvider>
      <Inside {...props} />
    </ReactFlowProvider>
  );
}

/** Line of one word at 12 px, at most what the label shows. */
const labelWidth = (words: string): number => (words ? Math.min(150, 20 + Math.ceil((words.length * 6.2) / 20) * 20) : 0);

/** Arranged anew only when what the drawing depends on has changed: ways, places, and how long their words are. */
function useLayout(graph: Graph, written: (name: string, step: Step) => Drawn): Layout {
  const { types } = useDesigner();
  const kept = useRef<{ key: string; layout: Layout } | null>(null);
  return useMemo(() => {
    const key = JSON.stringify([
      graph.start,
      Object.entries(graph.steps).map(([name, step]) => [
        name,
        step.place,
        written(name, step).exits.map((exit) => [exit.name, exit.target, labelWidth(exit.words)]),
      ]),
    ]);
    if (kept.current?.key !== key) {
      const width = (line: { from: string; exit: string }) => {
        const step = graph.steps[line.from];
        return labelWidth(step ? (written(line.from, step).exits.find((exit) => exit.name === line.exit)?.words ?? "") : "");
      };
      kept.current = { key, layout: layout(graph, types, width) };
    }
    return kept.current.layout;
  }, [graph, types, written]);
}

function Inside({ compare, played, figures, found, line, chooseLine, insert, edit }: CanvasProps): ReactNode {
  const designer = useDesigner();
  const { graph, types, problems, chosen, choose, change, addOn, fixed, language, w } = designer;
  const shown = useMemo(() => (compare ? merged(compare.graph, graph) : graph), [compare, graph]);
  const written = useDrawn(designer);
  const drawn = useLayout(shown, written);
  const flow = useReactFlow<StepNodeType, LineType>();
  const box = useRef<HTMLDivElement>(null);
  const marks = useMemo(
    () => marksOf(shown, problems, { difference: compare?.difference ?? null, played, figures, found }),
    [shown, problems, compare, played, figures, found],
  );

  // A step that says the same at the same place stays the same object, so that of thousands only what changed is drawn.
  const before = useRef(new Map<string, StepNodeType>());
  const wanted = useMemo<StepNodeType[]>(() => {
    const on = new Set(chosen);
    const made = new Map<string, StepNodeType>();
    for (const [name, step] of Object.entries(shown.steps)) {
      const text = written(name, step);
      const own = marks(name);
      const position = drawn.places[name] ?? { x: 0, y: 0 };
      const old = before.current.get(name);
      const same =
        old?.data.text === text &&
        old.data.marks === own &&
        old.data.language === language &&
        old.selected === on.has(name) &&
        old.draggable === !fixed &&
        old.position.x === position.x &&
        old.position.y === position.y;
      made.set(
        name,
        same
          ? old
          : {
              id: name,
              type: "step",
              position,
              data: { text, marks: own, language },
              width: WIDTH,
              height: HEIGHT,
              // Said beforehand: React Flow would draw every step once to measure it, thousands of them too.
              measured: SIZE,
              handles: handlesOf(text),
              selected: on.has(name),
              ariaLabel: `${text.words}: ${text.title}`,
              draggable: !fixed,
              connectable: !fixed,
              deletable: false,
            },
      );
    }
    before.current = made;
    return [...made.values()];
  }, [shown, written, marks, drawn, chosen, fixed, language]);
  const lines = useMemo<LineType[]>(() => {
    const passed = passedLines(played);
    return drawn.lines.map((one) => {
      const figure = figures?.edges[one.id];
      const step = shown.steps[one.from];
      const exits = step ? written(one.from, step).exits : [];
      const number = exits.findIndex((exit) => exit.name === one.exit);
      return {
        id: one.id,
        type: "line",
        source: one.from,
        target: one.to,
        sourceHandle: one.exit,
        targetHandle: "in",
        selected: one.id === line,
        deletable: false,
        markerEnd: ARROW,
        data: {
          words: exits[number]?.words ?? "",
          points: one.points,
          number,
          figure: figure?.words ?? "",
          share: figures ? (figure?.share ?? 0) : null,
          passed: passed.has(one.id),
          language,
        },
        ariaLabel: w("line_from_to", { from: one.from, to: one.to }),
      };
    });
  }, [drawn, written, line, shown, played, figures, language, w]);

  // While a step is dragged its place is the drawing's own; it becomes the flow's when it is let go.
  const [nodes, setNodes] = useState(wanted);
  useEffect(() => setNodes(wanted), [wanted]);
  const moved = useCallback((changes: NodeChange<StepNodeType>[]) => {
    setNodes((before) =>
      applyNodeChanges(
        changes.filter((one) => one.type === "position" || one.type === "dimensions"),
        before,
      ),
    );
  }, []);
  const dropped = (_: unknown, __: unknown, dragged: StepNodeType[]) => {
    let result = frozen(graph, drawn.places);
    for (const node of dragged) result = setField(result, node.id, "place", [Math.round(node.position.x), Math.round(node.position.y)]);
    change(result);
  };
  const connected = (made: Connection) => {
    if (!fixed && made.source && made.sourceHandle) change(connect(graph, made.source, made.sourceHandle, made.target));
  };

  const drop = (event: DragEvent) => {
    const type = event.dataTransfer.getData(DRAGGED);
    const known = types[type];
    if (!known || fixed) return;
    event.preventDefault();
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>(".react-flow__edge, .react-flow__node");
    const on = drawn.lines.find((one) => one.id === under?.dataset.id);
    if (on) return addOn(type, { step: on.from, exit: on.exit });
    const at = flow.screenToFlowPosition({ x: event.clientX - WIDTH / 2, y: event.clientY - HEIGHT / 2 });
    const [result, name] = addStep(frozen(graph, drawn.places), known);
    change(setField(result, name, "place", [Math.round(at.x), Math.round(at.y)]));
    choose([name], "form");
  };

  const show = useCallback(
    (name: string) => {
      const at: Point | undefined = drawn.places[name];
      if (!at) return;
      const { x, y, zoom } = flow.getViewport();
      const rect = box.current?.getBoundingClientRect();
      const left = at.x * zoom + x;
      const top = at.y * zoom + y;
      if (rect && (left < 0 || top < 40 || left + WIDTH * zoom > rect.width || top + HEIGHT * zoom > rect.height))
        void flow.setCenter(at.x + WIDTH / 2, at.y + HEIGHT / 2, { zoom, duration: 140 });
    },
    [drawn, flow],
  );
  const first = chosen[0];
  const showing = useRef(show);
  showing.current = show;
  useEffect(() => {
    if (first) showing.current(first);
  }, [first]);
  const at = played?.at;
  useEffect(() => {
    if (at) showing.current(at);
  }, [at]);

  /** All of a small flow; of a large one the start, large enough to read. */
  const begin = () => {
    const rect = box.current?.getBoundingClientRect();
    const places = Object.values(drawn.places);
    if (!rect || !places.length) return;
    const left = Math.min(...places.map((one) => one.x));
    const top = Math.min(...places.map((one) => one.y));
    const width = Math.max(...places.map((one) => one.x)) + WIDTH - left;
    const height = Math.max(...places.map((one) => one.y)) + HEIGHT - top;
    const whole = Math.min((rect.width - 40) / width, (rect.height - 90) / height, 1);
    const zoom = whole >= READABLE ? whole : Math.max(READABLE, Math.min(1, (rect.width - 40) / width));
    const root = drawn.places[shown.start ?? ""] ?? { x: left, y: top };
    const x = width * zoom <= rect.width ? (rect.width - width * zoom) / 2 - left * zoom : rect.width / 2 - (root.x + WIDTH / 2) * zoom;
    void flow.setViewport({ x, y: 48 - top * zoom, zoom });
  };

  const keys = (event: KeyboardEvent) => {
    if ((event.target as Element).matches("input, textarea, select")) return;
    const way = ({ ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" } as const)[event.key];
    if (way && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const to = first ? neighbour(drawn.places, first, way) : (shown.start ?? Object.keys(shown.steps)[0]);
      if (to) choose([to], "canvas");
    } else if (event.key === "Enter" && first) {
      event.preventDefault();
      edit();
    } else if ((event.key === "Delete" || event.key === "Backspace") && !fixed) {
      event.preventDefault();
      const [from, exit] = line ? [line.slice(0, line.indexOf("/")), line.slice(line.indexOf("/") + 1)] : ["", ""];
      if (line) {
        change(connect(graph, from, exit, null));
        chooseLine(null);
      } else if (chosen.length) {
        change(removeSteps(graph, chosen, types));
        choose([]);
      }
    } else if (event.key === "/" && !fixed) {
      event.preventDefault();
      insert();
    }
  };

  return (
    <section
      className="cb-canvas"
      aria-label={w("canvas")}
      ref={box}
      onKeyDown={keys}
      onFocus={(event) => {
        const name = (event.target as Element).closest<HTMLElement>(".react-flow__node")?.dataset.id;
        const lineId = (event.target as Element).closest<HTMLElement>(".react-flow__edge")?.dataset.id;
        if (name && !chosen.includes(name)) choose([name]);
        if (lineId && (event.target as Element).matches(":focus-visible")) chooseLine(lineId);
      }}
      onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED) && event.preventDefault()}
      onDrop={drop}
    >
      <ReactFlow
        nodes={nodes}
        edges={lines}
        nodeTypes={NODES}
        edgeTypes={LINES}
        onNodesChange={moved}
        onNodeClick={(event, node) =>
          choose(
            event.shiftKey || event.ctrlKey
              ? chosen.includes(node.id)
                ? chosen.filter((one) => one !== node.id)
                : [...chosen, node.id]
              : [node.id],
          )
        }
        onNodeDoubleClick={edit}
        onEdgeClick={(_, edge) => chooseLine(edge.id)}
        onPaneClick={() => {
          choose([]);
          chooseLine(null);
        }}
        onSelectionChange={({ nodes: many }) => many.length > 1 && choose(many.map((node) => node.id))}
        onNodeDragStop={dropped}
        onSelectionDragStop={(event, many) => dropped(event, null, many)}
        onConnect={connected}
        onReconnect={(old, made) => {
          if (fixed || !made.source || !made.sourceHandle || !old.sourceHandle) return;
          const cleared =
            old.source !== made.source || old.sourceHandle !== made.sourceHandle
              ? connect(graph, old.source, old.sourceHandle, null)
              : graph;
          change(connect(cleared, made.source, made.sourceHandle, made.target));
        }}
        edgesReconnectable={!fixed}
        nodesConnectable={!fixed}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode="Shift"
        multiSelectionKeyCode="Control"
        minZoom={0.15}
        maxZoom={1.5}
        onInit={begin}
        onlyRenderVisibleElements={nodes.length > 150}
        proOptions={{ hideAttribution: true }}
        zoomOnDoubleClick={false}
      >
        <Background gap={20} size={1} />
      </ReactFlow>
      <Zoom />
    </section>
  );
}

function Zoom(): ReactNode {
  const { w } = useDesigner();
  const flow = useReactFlow();
  const zoom = useStore((state) => state.transform[2]);
  return (
    <div className="cb-zoom">
      <button type="button" aria-label={w("smaller")} onClick={() => void flow.zoomOut({ duration: 80 })}>
        <Icon name="minus" size={14} />
      </button>
      <span>{Math.round(zoom * 100)} %</span>
      <button type="button" aria-label={w("larger")} onClick={() => void flow.zoomIn({ duration: 80 })}>
        <Icon name="plus" size={14} />
      </button>
      <button
        type="button"
        aria-label={w("fit")}
        title={w("fit")}
        onClick={() => void flow.fitView({ maxZoom: 1, padding: 0.06, duration: 140 })}
      >
        <Icon name="maximize" size={14} />
      </button>
    </div>
  );
}
