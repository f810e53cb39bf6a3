import { join } from "node:path";
import { redactSecrets } from "@cti-connectors/core";
import type { Redact } from "@cti-connectors/core/host";
import { vi } from "vitest";
import { runProgram } from "../cli/run-program.js";
import { explainFault } from "../process/explain-fault.js";
import { inspectSurroundings } from "../settings/surroundings.js";
import { foldersIn, program } from "./program.js";

/** Commands load data, which takes long on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

export interface RunHereOptions {
  /** Where the person types the command. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Outcome {
  /** What was written, without the last line break. */
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** The command line in this process, one command at a time: a second sooner than in one of its own, whose start and end others test. */
export async function runHere(args: readonly string[], { folder, env }: RunHereOptions): Promise<Outcome> {
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  let redact: Redact = redactSecrets;
  try {
    const surroundings = await surroundingsOf(folder, env);
    redact = surroundings.redact;
    const exitCode = await runProgram(args, surroundings);
    return { stdout: stdout.text(), stderr: stderr.text(), exitCode };
  } catch (fault) {
    const { text, status } = explainFault(fault, redact, { debug: false });
    return { stdout: stdout.text(), stderr: `${stderr.text()}${text}`, exitCode: status };
  } finally {
    stdout.restore();
    stderr.restore();
  }
}

function surroundingsOf(folder: string, env: RunHereOptions["env"]) {
  return inspectSurroundings(program, {
    processEnvironment: { NO_COLOR: "1", DATA_DIR: join(folder, "database"), ...env },
    currentFolder: folder,
    folders: foldersIn(folder),
  });
}

function capture(stream: NodeJS.WriteStream) {
  let written = "";
  const spy = vi.spyOn(stream, "write").mockImplementation((text, ...more) => {
    written += String(text);
    const done = more.at(-1);
    if (typeof done === "function") {
      done();
    }
    return true;
  });
  return { text: () => written.replace(/\n$/, ""), restore: () => spy.mockRestore() };
}
