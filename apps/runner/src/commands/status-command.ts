import type { ExitStatus } from "../exit-status.js";
import type { Surroundings } from "../surroundings.js";
import type { Terminal } from "../terminal.js";

export interface StatusOptions {
  readonly json?: boolean;
}

export async function statusCommand(
  _options: StatusOptions,
  _surroundings: Surroundings,
  _terminal: Terminal,
): Promise<ExitStatus> {
  throw new Error("under construction");
}
