import { resolve } from "node:path";
import { baseConfig, createLogger, parseConfig } from "@cti-connectors/core";
import { startSandbox } from "@cti-connectors/sandbox";
import type { ExitStatus } from "../exit-status.js";
import type { Surroundings } from "../surroundings.js";
import type { Terminal } from "../terminal.js";
import { UsageError } from "../usage-error.js";
import { serveUntilStopped } from "./serve-until-stopped.js";

export interface SandboxCommandOptions {
  readonly attack?: readonly string[];
  readonly threatfox?: string;
  /** `null`: none. */
  readonly quota?: { readonly requests: number; readonly windowMs: number } | null;
  readonly standard?: boolean;
  readonly taxiiPort?: number;
  readonly threatfoxPort?: number;
}

/**
 * Serves both upstreams until it is stopped.
 *
 * @throws UsageError where a file or a port cannot be used
 */
export async function sandboxCommand(
  options: SandboxCommandOptions,
  { environment, folder }: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const config = parseConfig(baseConfig.pick({ LOG_LEVEL: true, LOG_FORMAT: true }), environment);
  const _log = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const attackFiles = options.attack?.map((file) => resolve(folder, file));
  const threatfoxFile = options.threatfox === undefined ? undefined : resolve(folder, options.threatfox);

  return serveUntilStopped(
    () =>
      startSandbox({
        ...(attackFiles === undefined ? {} : { attackFiles }),
        ...(threatfoxFile === undefined ? {} : { threatfoxFile }),
        ...(options.quota === undefined ? {} : { quota: options.quota }),
        flavor: options.standard ? "standard" : "attack",
        taxiiPort: options.taxiiPort ?? 0,
        threatfoxPort: options.threatfoxPort ?? 0,
      }).catch((error: unknown) => {
        throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
      }),
    ({ taxiiUrl, threatfoxUrl, authKey }) => {
      terminal.print(JSON.stringify({ taxii: taxiiUrl, threatfox: threatfoxUrl, authKey }));
      terminal.say("The sandbox is ready. Press Ctrl-C to stop it.");
    },
  );
}
