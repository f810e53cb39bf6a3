import { z } from "zod";
import { shortenText, shortenUrls } from "../text/shorten.js";
import { explainStoreFailure } from "./explain-store-failure.js";
import type { StorePlace } from "./store-place.js";

const longestReason = 1000;

/** What JavaScript itself throws: a fault of ours, and its message means nothing without being told so. */
const programmingErrors: ReadonlySet<string> = new Set([
  "TypeError",
  "ReferenceError",
  "RangeError",
  "SyntaxError",
]);

/** Says in one line, without a stack, why something failed. */
export function describeFailure(error: unknown, store: StorePlace): string {
  return oneLine(explainStoreFailure(error, store) ?? describe(error));
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError) {
    return describeIssues(error);
  }
  if (!(error instanceof Error)) {
    return String(error);
  }
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(describe).join("; ");
  }
  const message = error.message === "" ? error.name : error.message;
  return programmingErrors.has(error.name) ? `unexpected error (${error.name}): ${message}` : message;
}

/** Every field that is not as expected, by its path. */
function describeIssues({ issues }: z.ZodError): string {
  const shown = issues.slice(0, 5).map(({ path, message }) => {
    return path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`;
  });
  const more = issues.length > shown.length ? [`and ${issues.length - shown.length} more`] : [];
  return [...shown, ...more].join("; ");
}

/** What an upstream sent must neither start a line nor steer the terminal. */
function oneLine(text: string): string {
  const line = shortenUrls(text.replaceAll(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim());
  return shortenText(line, longestReason);
}
