// Whether the server is reached: what is said when it is not, and when it is again.

import { clear, stand, tell } from "./notices";
import { word } from "./words";

/** A front that starts anew is back before anybody needs to read about it. */
const PATIENCE = 2500;

export interface Line {
  /** Try again at once. */
  hurry(): void;
  /** The telephone hears of it. */
  line(up: boolean): void;
  /** What waited for the server is sent. */
  back(): void;
}

export function lineNotices(line: Line): { up(first: boolean): void; down(): void } {
  let downSince = 0;
  let wasTold = false;
  return {
    up: (first) => {
      window.clearTimeout(downSince);
      clear("line");
      document.documentElement.removeAttribute("data-off-line");
      if (!first && wasTold) tell({ title: word("live.back"), text: word("live.back_more") });
      wasTold = false;
      line.line(true);
      line.back();
    },
    down: () => {
      line.line(false);
      document.documentElement.setAttribute("data-off-line", "");
      window.clearTimeout(downSince);
      downSince = window.setTimeout(() => {
        wasTold = true;
        stand("line", {
          kind: "error",
          title: word("live.lost"),
          text: word("live.lost_more"),
          action: { words: word("phone.check"), run: () => line.hurry() },
        });
      }, PATIENCE);
    },
  };
}
