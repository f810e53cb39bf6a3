import { createLogUpdate } from "log-update";
import type { Paint } from "../paint.js";
import { noProgress, type RunProgress } from "./reduce-progress.js";
import { renderProgress } from "./render-progress.js";

const frameMs = 100;

/** A frame at the foot of the terminal that is drawn again as the run goes on. */
export interface LiveDisplay {
  /** Writes a line above the frame. */
  write(line: string): void;
  show(progress: RunProgress): void;
  /** Shown under the frame from now on. */
  notice(text: string): void;
  /** Draws the last frame, leaves it where it is, and gives the cursor back. */
  close(): void;
}

export function startLiveDisplay(stream: NodeJS.WriteStream, paint: Paint): LiveDisplay {
  const update = createLogUpdate(stream);
  let progress = noProgress;
  let notice: string | undefined;
  let frame = 0;

  function draw(): void {
    const width = (stream.columns || 80) - 1;
    const options = { now: new Date(), frame: frame++, width, paint };
    update(renderProgress(progress, notice === undefined ? options : { ...options, notice }));
  }

  const timer = setInterval(draw, frameMs);
  return {
    write: (line) => update.persist(line.replace(/\n$/, "")),
    show: (latest) => {
      progress = latest;
    },
    notice: (text) => {
      notice = text;
      draw();
    },
    close: () => {
      clearInterval(timer);
      notice = undefined;
      draw();
      update.done();
    },
  };
}
