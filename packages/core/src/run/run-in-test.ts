import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Environment, parseConfig } from "../config/parse-config.js";
import { type ConfiguredConnector, configureConnector } from "../connector/configure-connector.js";
import type { Connector } from "../connector/connector.js";
import { createLogger, type Logger } from "../log/create-logger.js";
import { type RunConnectorsOptions, runConnectors } from "./run-connectors.js";
import type { ConnectorReport, RunEvent, RunReport } from "./run-event.js";

export interface TestRunOptions extends Omit<RunConnectorsOptions, "connectors" | "log"> {
  readonly connector: Connector;
  /** The settings, as they would be written in the environment. */
  readonly environment: Environment;
  /** Default: one at level `debug` that knows no secret, so that a test sees what reaches it; `lines` has what it wrote. */
  readonly log?: Logger;
  /** Changes the connector after it has its settings: fewer steps, another quota. */
  readonly alter?: (connector: ConfiguredConnector) => ConfiguredConnector;
}

/** What a run tells, beside what it stores. */
export interface TestRun {
  readonly report: RunReport;
  /** The connector's part of the report. */
  readonly connector: ConnectorReport;
  /** Log lines as JSON; none where the test brings its own `log`. */
  readonly lines: readonly string[];
  readonly events: readonly RunEvent[];
}

/**
 * Runs one connector for a test, without retries unless `http` asks for some. The files that it keeps are gone afterwards, unless
 * `filesFolder` says where they stay.
 *
 * @throws ConfigError where the settings do not fit, and what `runConnectors` throws
 */
export async function runInTest({
  connector,
  environment,
  log,
  alter = (configured) => configured,
  onEvent,
  http,
  ...options
}: TestRunOptions): Promise<TestRun> {
  const lines: string[] = [];
  const events: RunEvent[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const configured = configureConnector(connector, parseConfig(connector.config, environment));
  const filesFolder = join(tmpdir(), `test-run-${randomUUID()}`);
  const report = await runConnectors({
    filesFolder,
    ...options,
    connectors: [alter(configured)],
    log: log ?? createLogger({ level: "debug", format: "json", destination }),
    http: { retries: 0, ...http },
    onEvent(event) {
      events.push(event);
      onEvent?.(event);
    },
  }).finally(() => rm(filesFolder, { recursive: true, force: true }));
  const [own] = report.connectors;
  if (own === undefined) {
    throw new Error(`the report of the run does not mention ${connector.name}`);
  }
  return { report, connector: own, lines, events };
}
