import { resolve } from "node:path";
import {
  baseConfig,
  type Connector,
  createLogger,
  parseConfig,
  type RequestQuota,
} from "@cti-connectors/core/host";
import type { Sandbox, TaxiiBehavior } from "@cti-connectors/sandbox";
import { hideExportKey } from "@cti-connectors/threatfox";
import type { ExitStatus } from "../process/exit-status.js";
import { UsageError } from "../process/exit-status.js";
import { explainPortTaken } from "../process/explain-port-taken.js";
import type { Terminal } from "../process/terminal.js";
import type { Surroundings } from "../settings/surroundings.js";
import { serveUntilStopped } from "./serve-until-stopped.js";

export interface SandboxCommandOptions {
  readonly attack?: readonly string[];
  readonly threatfox?: string;
  readonly quota?: RequestQuota | "none";
  readonly standard?: boolean;
  readonly oneToken?: boolean;
  /** Seconds. */
  readonly tokenLife?: number;
  readonly deadRoot?: readonly string[];
  /** Characters. */
  readonly maxUrl?: number;
  readonly maxLimit?: number;
  readonly withoutManifest?: boolean;
  readonly onlyLastVersion?: boolean;
  readonly login?: "page" | "redirect";
  readonly taxiiPort?: number;
  readonly threatfoxPort?: number;
}

/**
 * Serves simulated upstreams, and those that the connectors bring for their demos, until it is stopped. Prints where they are,
 * and as `settings` what leads a run to all of them.
 *
 * @throws UsageError where a file, a port or a combination of options cannot be used
 */
export async function sandboxCommand(
  options: SandboxCommandOptions,
  { connectors, environment, folder }: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const config = parseConfig(baseConfig.pick({ LOG_LEVEL: true, LOG_FORMAT: true }), environment);
  const log = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const { quota, standard, taxiiPort, threatfoxPort } = options;
  if (taxiiPort !== undefined && taxiiPort !== 0 && taxiiPort === threatfoxPort) {
    throw new UsageError(
      `--taxii-port and --threatfox-port are both ${taxiiPort}: choose two different ports`,
    );
  }
  if ((options.oneToken || options.tokenLife !== undefined) && !standard) {
    throw new UsageError("--one-token and --token-life need --standard: the ATT&CK server numbers its pages");
  }
  const attackFiles = options.attack?.map((file) => resolve(folder, file));
  const threatfoxFile = options.threatfox === undefined ? undefined : resolve(folder, options.threatfox);

  const { startSandbox } = await import("@cti-connectors/sandbox");
  return serveUntilStopped(
    async () => {
      const sandbox = await startSandbox({
        ...(attackFiles !== undefined && { attackFiles }),
        ...(threatfoxFile !== undefined && { threatfoxFile }),
        ...(quota !== undefined && { quota: quota === "none" ? null : quota }),
        ...(taxiiPort !== undefined && { taxiiPort }),
        ...(threatfoxPort !== undefined && { threatfoxPort }),
        taxii: behaviorOf(options),
        flavor: standard ? "standard" : "attack",
        onAnswer: ({ upstream, method, url, status }) =>
          log.debug({ upstream, method, url: hideKey(url), status }, "request"),
      }).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        const text = explainPortTaken(error, "--taxii-port or --threatfox-port") ?? reason;
        throw new UsageError(text, { cause: error });
      });
      return addDemoUpstreams(sandbox, connectors);
    },
    ({ sandbox: { taxiiUrl, threatfoxUrl, threatfoxExportUrl, authKey }, settings }) => {
      const urls = { taxii: taxiiUrl, threatfox: threatfoxUrl, threatfoxExport: threatfoxExportUrl };
      terminal.print(JSON.stringify({ ...urls, authKey, settings }));
      terminal.say("The sandbox is ready. Press Ctrl-C to stop it.");
    },
  );
}

interface ServedUpstreams {
  readonly sandbox: Sandbox;
  /** By environment variable. */
  readonly settings: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

async function addDemoUpstreams(
  sandbox: Sandbox,
  connectors: readonly Connector[],
): Promise<ServedUpstreams> {
  const { startDemoUpstream } = await import("@cti-connectors/sandbox");
  const simulated = new Map([
    ["attack-taxii", { url: sandbox.taxiiUrl, key: sandbox.authKey }],
    ["threatfox", { url: sandbox.threatfoxUrl, key: sandbox.authKey }],
  ]);
  const servers: { close(): Promise<void> }[] = [sandbox];
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
  const settings: Record<string, string> = {};
  try {
    for (const { demo } of connectors) {
      if (demo !== undefined && "answer" in demo) {
        const upstream = await startDemoUpstream(demo);
        servers.push(upstream);
        Object.assign(settings, demo.settings(upstream));
      } else if (demo !== undefined) {
        const upstream = simulated.get(demo.simulator);
        Object.assign(settings, upstream && demo.settings(upstream));
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { sandbox, settings, close };
}

function behaviorOf(options: SandboxCommandOptions): TaxiiBehavior {
  const { oneToken, tokenLife, deadRoot, maxUrl, maxLimit, withoutManifest, onlyLastVersion, login } =
    options;
  return {
    ...(oneToken && { oneToken }),
    ...(tokenLife !== undefined && { tokenLifeMs: tokenLife * 1000 }),
    ...(deadRoot !== undefined && { deadRoots: deadRoot }),
    ...(maxUrl !== undefined && { maxUrlLength: maxUrl }),
    ...(maxLimit !== undefined && { maxLimit }),
    ...(withoutManifest && { noManifest: 404 }),
    ...(onlyLastVersion && { onlyLastVersion }),
    ...(login !== undefined && { loginPage: login }),
  };
}

/** @param path with its query */
function hideKey(path: string): string {
  const origin = "http://localhost";
  return hideExportKey(`${origin}${path}`).slice(origin.length);
}
