import type { Environment } from "@cti-connectors/core";

/** Tells whether a person watches this stream on a terminal that can draw a frame again and again. */
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
