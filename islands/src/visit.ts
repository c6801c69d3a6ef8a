// A visit on a telephone: the field in which the customer signs. Strokes are whole numbers in a field of 1000 by 400 (cordboard/tickets/signature.py), whatever the
// size of the screen; they go along in a hidden field, and come back in it when the server has refused something else.

export const WIDTH = 1000;
export const HEIGHT = 400;
/** Points nearer to the last one than this are left out: a finger that rests draws nothing. */
const NEAR = 3;
const PEN = 5;

export type Stroke = [number, number][];

/** A place on the screen as a point of the field; beside it, the nearest edge. */
export function place(box: { left: number; top: number; width: number; height: number }, x: number, y: number): [number, number] {
  const at = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)));
  return [at(((x - box.left) / (box.width || 1)) * WIDTH, WIDTH), at(((y - box.top) / (box.height || 1)) * HEIGHT, HEIGHT)];
}

/** Add a point, unless the pen did not really move. */
export function extend(stroke: Stroke, point: [number, number]): boolean {
  const last = stroke[stroke.length - 1];
  if (last && Math.hypot(last[0] - point[0], last[1] - point[1]) < NEAR) return false;
  stroke.push(point);
  return true;
}

/** What a hidden field holds; nothing when that is no drawing. */
export function parsed(text: string): Stroke[] {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? (found as Stroke[]) : [];
  } catch {
    return [];
  }
}

function draw(canvas: HTMLCanvasElement, strokes: Stroke[]): void {
  const box = canvas.getBoundingClientRect();
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(box.width * scale);
  canvas.height = Math.round(box.height * scale);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.setTransform(canvas.width / WIDTH, 0, 0, canvas.height / HEIGHT, 0, 0);
  pen.lineWidth = PEN;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.strokeStyle = getComputedStyle(canvas).color;
  for (const stroke of strokes) {
    const first = stroke[0];
    if (!first) continue;
    pen.beginPath();
    pen.moveTo(...first);
    for (const point of stroke.length > 1 ? stroke.slice(1) : [first]) pen.lineTo(...point);
    pen.stroke();
  }
}

export function startSigning(form: HTMLFormElement): void {
  const canvas = form.querySelector<HTMLCanvasElement>("[data-pad]");
  const kept = form.querySelector<HTMLInputElement>("[data-strokes]");
  if (!canvas || !kept) return;
  let strokes = parsed(kept.value);
  let now: Stroke | null = null;
  const show = (): void => {
    kept.value = JSON.stringify(strokes);
    draw(canvas, strokes);
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    now = [place(canvas.getBoundingClientRect(), event.clientX, event.clientY)];
    strokes.push(now);
    show();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!now) return;
    const box = canvas.getBoundingClientRect();
    const between = event.getCoalescedEvents?.() ?? [];
    const moved = (between.length ? between : [event]).map((one) => now && extend(now, place(box, one.clientX, one.clientY)));
    if (moved.some(Boolean)) show();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      now = null;
    });
  }
  form.querySelector("[data-clear]")?.addEventListener("click", () => {
    strokes = [];
    show();
  });
  window.addEventListener("resize", show);
  show();
}

if (typeof document !== "undefined") for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sign]")) startSigning(form);
