import { z } from "zod";
import { isProgrammingError } from "../errors/inspect-error.js";
import { oneLine, shortenText, shortenUrls } from "../text/one-line.js";
import { explainStoreFailure } from "./explain-store-failure.js";
import type { StorePlace } from "./store-place.js";

const longestReason = 1000;

/** Says in one line, without a stack, why something failed. */
export function describeFailure(error: unknown, store: StorePlace): string {
  const text = explainStoreFailure(error, store) ?? describe(error);
  return shortenText(shortenUrls(oneLine(text).trim()), longestReason);
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
  return isProgrammingError(error) ? `unexpected error (${error.name}): ${message}` : message;
}

/** Every field that is not as expected, by its path. */
function describeIssues({ issues }: z.ZodError): string {
  const shown = issues.slice(0, 5).map(({ path, message }) => {
    return path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`;
  });
  const more = issues.length > shown.length ? [`and ${issues.length - shown.length} more`] : [];
  return [...shown, ...more].join("; ");
}
