// A rule dragged by its handle and let go on another one.

const KIND = "text/x-rule";

export function dragged(
  line: HTMLElement,
  handle: HTMLElement,
  id: string,
  dropped: (id: string, on: string, below: boolean) => void,
): void {
  const below = (event: DragEvent) => {
    const box = line.getBoundingClientRect();
    return event.clientY > box.top + box.height / 2;
  };
  handle.addEventListener("dragstart", (event) => {
    event.dataTransfer?.setData(KIND, id);
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
    event.dataTransfer?.setDragImage(line, 12, 12);
  });
  line.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes(KIND)) return;
    event.preventDefault();
    line.dataset.drop = below(event) ? "below" : "above";
  });
  line.addEventListener("dragleave", () => delete line.dataset.drop);
  line.addEventListener("drop", (event) => {
    const given = event.dataTransfer?.getData(KIND) ?? "";
    delete line.dataset.drop;
    if (!given || given === id) return;
    event.preventDefault();
    dropped(given, id, below(event));
  });
}
