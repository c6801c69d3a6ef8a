// One clock for all times on the page, corrected by the server's.

let offset = 0;

/** Say what the server's clock showed when this page was made. */
export function setServerTime(serverNow: number, localThen: number = Date.now()): void {
  offset = serverNow - localThen;
}

export function serverNow(): number {
  return Date.now() + offset;
}

/** Seconds as people read a clock: 0:04, 2:13, 1:02:05. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const two = (n: number) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Redraw every time under `root` as of `now` (milliseconds, server's time). */
export function draw(root: ParentNode, now: number = serverNow()): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-since]")) {
    const since = Number(element.dataset.since);
    if (since) write(element, clockText((now - since) / 1000));
  }
  for (const element of root.querySelectorAll<HTMLElement>("[data-until]")) {
    const until = Number(element.dataset.until);
    // Rounded up: at "0:01" there is still something left, at "0:00" there is not.
    if (until) write(element, clockText(Math.ceil((until - now) / 1000)));
  }
  for (const bar of root.querySelectorAll<HTMLElement>("[data-ring-until]")) {
    const from = Number(bar.dataset.ringFrom);
    const until = Number(bar.dataset.ringUntil);
    const share = until > from ? Math.min(1, Math.max(0, (until - now) / (until - from))) : 0;
    const line = bar.firstElementChild as HTMLElement | null;
    if (line) line.style.width = `${(share * 100).toFixed(1)}%`;
  }
}

/** Bars say their value in data-v (and the target in data-t), since style attributes are forbidden. */
export function drawBars(root: ParentNode): void {
  for (const bar of root.querySelectorAll<HTMLElement>("[data-v]")) {
    bar.style.setProperty("--v", bar.dataset.v ?? "");
    if (bar.dataset.t) bar.style.setProperty("--t", bar.dataset.t);
  }
}

export function startClock(): void {
  const tick = () => draw(document);
  tick();
  drawBars(document);
  window.setInterval(tick, 250);
}
