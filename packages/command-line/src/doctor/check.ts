import { oneLine } from "@cti-connectors/core";

/** One line of what `doctor` found. */
export interface Check {
  /** What was looked at: `node`, `database`, the name of a connector. */
  readonly name: string;
  /** `failed` ends `doctor` with 1. */
  readonly state: "ok" | "warning" | "failed" | "skipped";
  /** What was found and, unless it is `ok`, what to do. */
  readonly text: string;
}

/** The message of an error, as the text of a check. */
export function lineOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error));
}
