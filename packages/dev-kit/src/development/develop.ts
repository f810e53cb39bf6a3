import { OptionError, redactSecrets } from "@cti-connectors/core";
import {
  ConfigError,
  type Connector,
  checkSettings,
  configureConnector,
  createLogger,
  createRedactor,
  type Environment,
  GraceOverError,
  httpLimitsOf,
  parseConfigs,
  pathsFrom,
  type RunReport,
  readSecretFiles,
  resolvePathSettings,
} from "@cti-connectors/core/host";
import { UnknownSimulatorError } from "@cti-connectors/sandbox";
import { CommanderError } from "commander";
import { chooseConnector, findConnectors, NothingToRunError } from "./find-connector.js";
import { type PreparedUpstream, prepareUpstream } from "./prepare-upstream.js";
import { type DevArguments, devBaseConfig, readArguments } from "./read-arguments.js";
import { openLoneRuns } from "./run-alone.js";

export interface DevSurroundings {
  /** Of the connector's package. */
  readonly folder: string;
  /** Of the process. */
  readonly environment: Environment;
}

const exitCodes = { ok: 0, partial: 1, failed: 1, interrupted: 130 } as const satisfies Record<
  RunReport["status"],
  number
>;
const wrongUsage = 2;

/**
 * Runs the connector of a package for the person who develops it. Writes to standard output and error.
 *
 * @returns the exit status: 0 all went well or was skipped, 1 it failed, 2 settings or arguments are wrong, 130 interrupted
 */
export async function develop(args: readonly string[], surroundings: DevSurroundings): Promise<number> {
  const status = await runAsAsked(args, surroundings);
  if (args.includes("--watch")) {
    say("Waiting for a change. Press Ctrl-C to stop.");
  }
  return status;
}

async function runAsAsked(args: readonly string[], surroundings: DevSurroundings): Promise<number> {
  try {
    const connector = chooseConnector(await findConnectors(surroundings.folder), args);
    return await runInterruptibly(connector, readArguments(args, connector), surroundings);
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.ok : wrongUsage;
    }
    const usage = explainUsage(error);
    say(usage ?? redactSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    return usage === undefined ? exitCodes.failed : wrongUsage;
  }
}

async function runInterruptibly(
  connector: Connector,
  options: DevArguments,
  surroundings: DevSurroundings,
): Promise<number> {
  const interruption = new AbortController();
  const interrupt = () => {
    // The watcher passes Ctrl-C on, so that it comes here twice; it also ends what does not end by itself.
    if (interruption.signal.aborted && !options.watch) {
      process.exit(exitCodes.interrupted);
    }
    interruption.abort(new Error("interrupted"));
  };
  for (const signal of interrupting) {
    process.on(signal, interrupt);
  }
  const folder = surroundings.environment.INIT_CWD || surroundings.folder;
  const secrets = readSecretFiles([connector.config], surroundings.environment, () => folder);
  const environment = { ...surroundings.environment, ...secrets };
  const upstream = await prepareUpstream(connector, environment, options);
  try {
    return await runRepeatedly(connector, upstream, { options, signal: interruption.signal, folder });
  } catch (error) {
    if (error instanceof GraceOverError) {
      return exitCodes.interrupted;
    }
    throw error;
  } finally {
    await upstream.close();
    for (const signal of interrupting) {
      process.off(signal, interrupt);
    }
  }
}

const interrupting = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

interface Request {
  readonly options: DevArguments;
  readonly signal: AbortSignal;
  /** Where the person typed the command: relative paths start there. */
  readonly folder: string;
}

async function runRepeatedly(
  connector: Connector,
  upstream: PreparedUpstream,
  { options, signal, folder }: Request,
): Promise<number> {
  const { base, configured } = readSettings(connector, upstream.environment, { options, folder });
  const log = createLogger({
    level: base.LOG_LEVEL,
    format: base.LOG_FORMAT,
    secrets: configured.secrets,
  });
  const redact = createRedactor(configured.secrets);
  const notUsed = upstream.environment.MONGO_URI ? "; MONGO_URI is not used" : "";
  log.info({}, `running against ${upstream.description}`);
  log.info({}, `loading into a temporary database, which is deleted after the run${notUsed}`);
  const runs = await openLoneRuns();
  try {
    let status: RunReport["status"] = "ok";
    for (let run = 1; run <= options.runs && status === "ok"; run += 1) {
      const { report, text } = await runs.run({
        connector: configured,
        ...{ log, signal, full: options.full, dryRun: options.dryRun, show: options.show },
        overlap: base.LOAD_OVERLAP === "on",
        maxRemovedShare: base.MAX_REMOVED_SHARE,
        http: { ...httpLimitsOf(base), loopbackOnly: upstream.isDemo },
        colors: process.stdout.isTTY && process.stdout.hasColors(),
      });
      process.stdout.write(`${options.json ? JSON.stringify(report) : redact(text)}\n`);
      status = report.status;
    }
    return exitCodes[status];
  } finally {
    await runs.close();
  }
}

/** @throws ConfigError, OptionError where a setting or the value of an option cannot be used */
function readSettings(
  connector: Connector,
  environment: Environment,
  { options: { logLevel, own }, folder }: Pick<Request, "options" | "folder">,
) {
  checkSettings([connector]);
  const schemas = { base: devBaseConfig, connector: connector.config };
  const settings = parseConfigs(schemas, {
    ...environment,
    ...resolvePathSettings(Object.values(schemas), environment, () => folder),
    ...(logLevel !== undefined && { LOG_LEVEL: logLevel }),
  });
  const configured = configureConnector(connector, settings.connector, own, pathsFrom(folder));
  return { base: settings.base, configured };
}

/** @returns undefined where it is no fault of settings or arguments */
function explainUsage(error: unknown): string | undefined {
  if (error instanceof ConfigError) {
    const faults = error.faults.map(({ variable, message }) => `  ${variable} ${message}`);
    return [
      faults.length === 1 ? "Invalid setting:" : "Invalid settings:",
      ...faults,
      "Settings come from the environment; --help lists them all.",
    ].join("\n");
  }
  return error instanceof NothingToRunError ||
    error instanceof OptionError ||
    error instanceof UnknownSimulatorError
    ? `Error: ${error.message}`
    : undefined;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
