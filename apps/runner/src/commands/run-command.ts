import type { ExitStatus } from "../exit-status.js";
import type { Surroundings } from "../surroundings.js";
import type { Terminal } from "../terminal.js";

export interface RunOptions {
  readonly demo?: boolean;
  readonly sample?: boolean;
  readonly dryRun?: boolean;
  readonly full?: boolean;
  readonly json?: boolean;
}

export async function runCommand(
  _names: readonly string[],
  _options: RunOptions,
  _surroundings: Surroundings,
  _terminal: Terminal,
): Promise<ExitStatus> {
  throw new Error("under construction");
}
