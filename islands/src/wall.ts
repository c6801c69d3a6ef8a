// The wallboard: one page on a big screen, nobody at its keyboard.

import { startBoards } from "./board/values";
import { Wall } from "./board/wall";
import { LiveClient } from "./live/client";
import { setServerTime } from "./live/clock";

const root = document.getElementById("wall") as HTMLElement;
setServerTime(Number(root.dataset.now));

const address = new URL(root.dataset.live ?? "/live", location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const live = new LiveClient(address.href, root.dataset.cursor ?? "");
const wall = new Wall(root);
live.listen({
  up: () => wall.line(true),
  down: () => wall.line(false),
  // A screen on the wall cannot sign in by itself: the page says where to.
  signedOut: () => location.reload(),
});
const boards = startBoards(document, live);
wall.start();
boards.follow();
live.start();
window.addEventListener("online", () => live.hurry());
