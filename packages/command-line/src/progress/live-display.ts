import { noProgress, type RunProgress } from "@cti-connectors/core/host";
import type { Paint } from "../text/paint.js";
import { renderProgress } from "./render-progress.js";
import { createResizableFrame } from "./resizable-frame.js";

const frameMs = 100;

/**
 * A frame at the foot of the terminal that is drawn again and again while the run goes on.
 *
 * Nothing is drawn before there is something to show. The last line changes with every frame, because log-update 7.2
 * leaves the foot of a frame where it is when lines are inserted above it.
 */
export function createLiveDisplay(stream: NodeJS.WriteStream, paint: Paint) {
  const frame = createResizableFrame(stream);
  let progress = noProgress;
  let notice: string | undefined;
  let frames = 0;
  let timer: NodeJS.Timeout | undefined;
  let startedAt: Date | undefined;

  function draw(): void {
    const options = { now: new Date(), startedAt, notice, frame: frames++, paint };
    frame.draw((width) => renderProgress(progress, { ...options, width }));
  }

  /** Draws once a signal that the terminal was resized has been handled: Node takes signals between timers and immediates. */
  function drawNext(): void {
    setImmediate(() => {
      if (timer !== undefined) {
        draw();
      }
    });
  }

  function start(): void {
    startedAt ??= new Date();
    if (timer === undefined) {
      timer = setInterval(drawNext, frameMs);
      stream.on("resize", draw);
    }
    draw();
  }

  return {
    /** Writes a line above the frame. */
    write: frame.write,
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
        stream.off("resize", draw);
        startedAt = undefined;
        draw();
        frame.done();
      }
    },
  };
}
