import { argv, cwd, env } from "node:process";
import { redactSecrets } from "@cti-connectors/core";
import { ConfigError } from "@cti-connectors/core/host";
import { runProgram } from "./cli/run-program.js";
import { UsageError } from "./process/exit-status.js";
import { explainFault } from "./process/explain-fault.js";
import { endAtSignals } from "./process/watch-interruption.js";
import { findProgramFolders } from "./settings/program-folders.js";
import { inspectSurroundings, type Program, type Surroundings } from "./settings/surroundings.js";

export interface CommandLineOptions extends Omit<Program, "quietCommand"> {
  /** How people start the program where standard output must hold nothing but what it writes. Default: as always. */
  readonly quietCommand?: string;
  /** A folder of the program. `.env` and the embedded database are in the workspace around it, or else in the user's folders. */
  readonly folder: string;
  /** Names the program's folders among the user's: `~/.config/NAME`, for example. Default: `command`. */
  readonly name?: string;
}

/** Runs the command in the arguments of this process, and ends the process with its exit status. */
export async function runCommandLine(options: CommandLineOptions): Promise<never> {
  let redact = (text: string) => redactSecrets(text);
  let logLevel = env.LOG_LEVEL;

  function report(fault: unknown): void {
    const { text, status } = explainFault(fault, redact, { debug: logLevel?.trim() === "debug" });
    process.stderr.write(`${text}\n`);
    process.exitCode = status;
  }

  endAtSignals();
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (fault: unknown) => {
      report(fault);
      process.exit();
    });
  }
  // The reader of our output may stop reading, as `| head` does; a terminal may be closed.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => undefined);
  }
  try {
    const surroundings = await lookAround(options);
    redact = surroundings.redact;
    logLevel = surroundings.environment.LOG_LEVEL;
    process.exitCode = await runProgram(argv.slice(2), surroundings);
  } catch (fault) {
    report(fault);
  }
  // A connection that a server has left hanging must not keep the process.
  await Promise.all([process.stdout, process.stderr].map(flush));
  process.exit();
}

async function lookAround({
  connectors,
  command,
  quietCommand = command,
  folder,
  name = command,
}: CommandLineOptions): Promise<Surroundings> {
  try {
    return await inspectSurroundings(
      { connectors, command, quietCommand, name },
      { processEnvironment: env, currentFolder: cwd(), folders: await findProgramFolders(folder, name) },
    );
  } catch (error) {
    if (error instanceof ConfigError) {
      throw error;
    }
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Waits until everything is written, or the reader is gone. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
