import { isDeepStrictEqual } from "node:util";
import type { Logger } from "@cti-connectors/core";
import {
  type BaseConfig,
  createLogger,
  type Environment,
  formatLogLine,
  logEvent,
  noProgress,
  type RunEvent,
  type RunProgress,
  reduceProgress,
} from "@cti-connectors/core/host";
import { z } from "zod";
import type { Terminal } from "../process/terminal.js";
import { paintFor } from "../text/paint.js";
import { createLiveDisplay } from "./live-display.js";

/** What a person or a log sees of a run while it goes on. Everything goes to standard error. */
export interface RunView {
  readonly log: Logger;
  /** How far the run is. */
  readonly progress: RunProgress;
  /** Says something that stays. */
  say(text: string): void;
  /** Says that the run is being interrupted. */
  interrupting(text: string): void;
  show(event: RunEvent): void;
  close(): void;
}

export interface RunViewOptions {
  /** Whether a person watches on a terminal: a live frame; otherwise one log line per page and step. */
  readonly watched: boolean;
  readonly config: Pick<BaseConfig, "LOG_LEVEL" | "LOG_FORMAT">;
  readonly secrets: readonly string[];
  readonly terminal: Terminal;
}

export function createRunView({ watched, config, secrets, terminal }: RunViewOptions): RunView {
  const options = { level: config.LOG_LEVEL, format: config.LOG_FORMAT, secrets };
  return watched ? createLiveView(options, terminal) : createLogView(createLogger(options));
}

function createLogView(log: Logger): RunView {
  let progress = noProgress;
  return {
    log,
    get progress() {
      return progress;
    },
    say: (text) => log.info(text),
    interrupting: (text) => log.warn(text),
    show(event) {
      const isNews = tellsNews(progress, event);
      // Page by page: the line of a page says what that page brought, its batches included.
      if (event.type !== "batch-stored") {
        progress = reduceProgress(progress, event, new Date());
      }
      if (isNews) {
        logEvent(log, event);
      }
    },
    close: () => undefined,
  };
}

function createLiveView(
  options: NonNullable<Parameters<typeof createLogger>[0]>,
  terminal: Terminal,
): RunView {
  let progress = noProgress;
  const display = createLiveDisplay(process.stderr, paintFor(process.stderr));
  const log =
    options.level === "debug"
      ? createLogger({ ...options, destination: { write: display.write } })
      : createLogger({
          ...options,
          format: "json",
          destination: { write: (line) => display.write(showLogLine(line)) },
        });
  return {
    log,
    get progress() {
      return progress;
    },
    say: terminal.say,
    interrupting: display.notice,
    show(event) {
      progress = reduceProgress(progress, event, new Date());
      display.show(progress);
    },
    close: display.close,
  };
}

const logLine = z.looseObject({ time: z.string(), level: z.string(), msg: z.string() });
const uuid = /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/i;

/**
 * A log line for a person who watches: without the time, and without fields that hold an id, which says nothing to people.
 *
 * @param json as the logger writes it
 */
export function showLogLine(json: string): string {
  const { time: _, level, msg: message, ...all } = logLine.parse(JSON.parse(json));
  const fields = Object.fromEntries(Object.entries(all).filter(([, value]) => !uuid.test(String(value))));
  return formatLogLine({ time: "", level, message, fields });
}

/** Whether an event is worth a line after this progress: not where a page brought no record, as while a file is downloaded. */
export function tellsNews(progress: RunProgress, event: RunEvent): boolean {
  if (event.type !== "page-loaded") {
    return true;
  }
  if (event.bytes !== undefined && event.counts.extracted === 0) {
    return false;
  }
  const connector = progress.connectors.find(({ name }) => name === event.connector);
  const step = connector?.steps.find(({ name }) => name === event.step);
  return !isDeepStrictEqual(step?.counts, event.counts);
}

/** Says whether a person watches this stream on a terminal that can draw a frame again and again. */
export function isWatched(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Environment,
  logFormat: "text" | "json",
): boolean {
  return (
    stream.isTTY === true &&
    (stream.columns ?? 0) > 0 &&
    !environment.CI &&
    environment.TERM !== "dumb" &&
    logFormat === "text"
  );
}
