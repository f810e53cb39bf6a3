import { noProgress, type RunProgress } from "@cti-connectors/core/host";
import { createLogUpdate } from "log-update";
import type { Paint } from "../text/paint.js";
import { renderProgress } from "./render-progress.js";

const frameMs = 100;

/**
 * A frame at the foot of the terminal that is drawn again and again while the run goes on.
 *
 * Nothing is drawn before there is something to show. The last line changes with every frame, because log-update 7.2
 * leaves the foot of a frame where it is when lines are inserted above it.
 */
export function createLiveDisplay(stream: NodeJS.WriteStream, paint: Paint) {
  const update = createLogUpdate(stream);
  let progress = noProgress;
  let notice: string | undefined;
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;
  let startedAt: Date | undefined;

  function draw(): void {
    const options = { now: new Date(), startedAt, notice, frame: frame++, width: stream.columns - 1, paint };
    update(renderProgress(progress, options));
  }

  function start(): void {
    startedAt ??= new Date();
    timer ??= setInterval(draw, frameMs);
    draw();
  }

  return {
    /** Writes a line above the frame. */
    write: (line: string) => update.persist(line.replace(/\n$/, "")),
    show(latest: RunProgress): void {
      progress = latest;
      start();
    },
    /** Shown at the foot of the frame from now on. */
    notice(text: string): void {
      notice = text;
      start();
    },
    /** Draws the last frame, leaves it where it is, and gives the cursor back. */
    close(): void {
      if (timer !== undefined) {
        clearInterval(timer);
        timer = undefined;
        startedAt = undefined;
        draw();
        update.done();
        stream.write("\n");
      }
    },
  };
}
