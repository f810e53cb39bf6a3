import { stripVTControlCharacters } from "node:util";
import type { Environment } from "@cti-connectors/core/host";
import { createLogUpdate } from "log-update";
import { widthFor } from "../text/width.js";

/** A text at the foot of a terminal that is drawn again in place, also after the terminal was resized. */
export function createResizableFrame(stream: NodeJS.WriteStream) {
  const update = createLogUpdate(stream);
  /** What is on the terminal now, without colours, and how wide the terminal was. */
  let drawn = "";
  let drawnColumns: number | undefined;

  /** Takes away the last frame, with the rows that the terminal has made of it and log-update does not know of. */
  function clearReflowed(columns: number): void {
    const gained = rowsGained(drawn, columns, process.env);
    update.clear();
    if (gained > 0) {
      stream.moveCursor(0, -gained);
      stream.cursorTo(0);
      stream.clearScreenDown();
    }
  }

  return {
    /** @param render makes the frame, in lines of at most that many columns */
    draw(render: (width: number) => string): void {
      const columns = widthFor(stream);
      if (drawnColumns !== undefined && columns !== drawnColumns) {
        clearReflowed(columns);
      }
      const text = render(columns - 1);
      drawn = stripVTControlCharacters(text);
      drawnColumns = columns;
      update(text);
    },
    /** Writes a line above the frame. */
    write: (line: string) => update.persist(line.replace(/\n$/, "")),
    /** Leaves the frame where it is, and gives the cursor back. */
    done(): void {
      update.done();
      stream.write("\n");
    },
  };
}

/**
 * How many rows more a text takes once the terminal is so wide: most terminals wrap lines anew that are already there. xterm, the console of
 * Linux and GNU screen cut them.
 *
 * @param text without escape sequences
 */
export function rowsGained(text: string, columns: number, { XTERM_VERSION, TERM, STY }: Environment): number {
  if (XTERM_VERSION !== undefined || STY !== undefined || TERM === "linux") {
    return 0;
  }
  return text
    .split("\n")
    .reduce((gained, line) => gained + Math.max(0, Math.ceil(columnsOf(line) / columns) - 1), 0);
}

/** Only the hourglass is two columns wide. */
function columnsOf(line: string): number {
  const characters = Array.from(line);
  return characters.length + characters.filter((character) => character === "⏳").length;
}
