import { ConfigError, isProgrammingError, type Redact } from "@cti-connectors/core/host";
import { type ExitStatus, exitStatus, UsageError } from "./exit-status.js";

/** Turns whatever was thrown into what a person needs to know, without secrets. A stack trace is for `LOG_LEVEL=debug` alone. */
export function explainFault(
  fault: unknown,
  redact: Redact,
  options: { readonly debug: boolean },
): { readonly text: string; readonly status: ExitStatus } {
  const error = fault instanceof Error ? fault : new Error(String(fault));
  const stack = options.debug && error.stack !== undefined ? `\n${error.stack}` : "";
  if (error instanceof ConfigError) {
    const lines = error.faults.map(({ variable, message }) => `  ${variable} ${message}`);
    const heading = lines.length === 1 ? "Invalid setting:" : "Invalid settings:";
    const hint =
      "Settings come from the environment and .env: the command config shows each value and where it comes from.";
    return { text: redact([heading, ...lines, hint].join("\n")) + redact(stack), status: exitStatus.usage };
  }
  const status = error instanceof UsageError ? exitStatus.usage : exitStatus.failed;
  const hint =
    isProgrammingError(error) && !options.debug
      ? " (unexpected; LOG_LEVEL=debug shows where it happened)"
      : "";
  return { text: redact(`Error: ${error.message}${hint}${stack}`), status };
}
