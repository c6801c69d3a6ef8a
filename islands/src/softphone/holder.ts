// Only one window of a person holds the telephone: a lock of the browser says which.

export class Holder {
  private release: (() => void) | null = null;

  constructor(
    private readonly name: string,
    private readonly held: () => void,
    private readonly lost: () => void,
  ) {}

  /** Wait in line for the telephone. `elsewhere` is called when another window has it now. */
  start(elsewhere: () => void): void {
    if (!navigator.locks) {
      // No locks outside of secure pages; there is no microphone there either.
      this.held();
      return;
    }
    void navigator.locks
      .request(this.name, { ifAvailable: true }, (lock) => {
        if (lock) return this.hold();
        elsewhere();
        this.queue();
        return undefined;
      })
      .catch(() => this.lose());
  }

  /** Take it from the window that has it. */
  take(): void {
    if (!navigator.locks) {
      this.held();
      return;
    }
    navigator.locks.request(this.name, { steal: true }, () => this.hold()).catch(() => this.lose());
  }

  /** Let go, as at the end of the page. */
  leave(): void {
    this.release?.();
    this.release = null;
  }

  private queue(): void {
    navigator.locks.request(this.name, () => this.hold()).catch(() => this.lose());
  }

  private hold(): Promise<void> {
    this.held();
    return new Promise((resolve) => {
      this.release = resolve;
    });
  }

  private lose(): void {
    this.release = null;
    this.lost();
    // In line again: when the other window closes, the telephone comes back here.
    this.queue();
  }
}

/** A name for this browser tab that survives a reload of the page. */
export function tabName(): string {
  const kept = sessionStorage.getItem("cb-tab");
  if (kept) return kept;
  const fresh = crypto.getRandomValues(new Uint32Array(2)).join("-");
  sessionStorage.setItem("cb-tab", fresh);
  return fresh;
}
