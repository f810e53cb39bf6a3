import { argv, cwd, env } from "node:process";
import { ConfigError, redactSecrets } from "@cti-connectors/core";
import { runProgram } from "./cli/run-program.js";
import { explainFault } from "./process/explain-fault.js";
import { UsageError } from "./process/usage-error.js";
import { findWorkspaceRoot } from "./settings/find-workspace-root.js";
import { findSurroundings, type Surroundings } from "./settings/surroundings.js";

let redact = (text: string) => redactSecrets(text);
let logLevel = env.LOG_LEVEL;

function report(fault: unknown): void {
  const { text, status } = explainFault(fault, redact, { debug: logLevel?.trim() === "debug" });
  process.stderr.write(`${text}\n`);
  process.exitCode = status;
}

/** Waits until everything is written, or the reader is gone. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}

async function lookAround(): Promise<Surroundings> {
  try {
    return await findSurroundings(env, cwd(), findWorkspaceRoot(import.meta.dirname));
  } catch (error) {
    if (error instanceof ConfigError) {
      throw error;
    }
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (fault: unknown) => {
    report(fault);
    process.exit();
  });
}
// Whoever reads our output may stop reading, as `| head` does; a terminal may be closed.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", () => undefined);
}

try {
  const surroundings = await lookAround();
  redact = surroundings.redact;
  logLevel = surroundings.environment.LOG_LEVEL;
  process.exitCode = await runProgram(argv.slice(2), surroundings);
} catch (fault) {
  report(fault);
}
// A connection that a server has left hanging must not keep the process.
await Promise.all([process.stdout, process.stderr].map(flush));
process.exit();
