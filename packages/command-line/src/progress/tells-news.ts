import { isDeepStrictEqual } from "node:util";
import type { RunEvent } from "@cti-connectors/core";
import type { RunProgress } from "./reduce-progress.js";

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
