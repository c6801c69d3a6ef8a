// Messages and recordings that are listened to: five seconds back, faster or slower. The speed stays as it was chosen for the next one.

let speed = 1;

const soundOf = (element: Element | null): HTMLAudioElement | null =>
  element?.closest("[data-player]")?.querySelector<HTMLAudioElement>("audio") ?? null;

function show(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLElement>("[data-speed]"))
    button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === speed));
}

/** Play, or stop for a while, the first message on the page; false when there is none. */
export function toggle(root: ParentNode): boolean {
  const sound = root.querySelector<HTMLAudioElement>("[data-player] audio");
  if (!sound) return false;
  if (sound.paused) void sound.play();
  else sound.pause();
  return true;
}

export function startPlayers(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-speed], [data-skip]");
    const sound = soundOf(button);
    if (!button || !sound) return;
    if (button.dataset.skip) {
      sound.currentTime = Math.max(0, sound.currentTime + Number(button.dataset.skip));
      return;
    }
    speed = Number(button.dataset.speed);
    sound.playbackRate = speed;
    show(root);
  });
  root.addEventListener(
    "play",
    (event) => {
      const sound = event.target as HTMLAudioElement;
      if (soundOf(sound) !== sound) return;
      sound.playbackRate = speed;
      show(root);
    },
    true,
  );
}
