import {
  type BaseConfig,
  ConfigError,
  type Connector,
  httpLimitsOf,
  parseConfig,
} from "@cti-connectors/core/host";
import type { Check } from "../doctor/check.js";
import { checkDatabase } from "../doctor/check-database.js";
import { checkDataFolder, checkNode } from "../doctor/check-machine.js";
import { checkUpstream } from "../doctor/check-upstream.js";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import { readProgramVersion } from "../process/program-version.js";
import type { Terminal } from "../process/terminal.js";
import { watchInterruption } from "../process/watch-interruption.js";
import { programConfig } from "../settings/program-config.js";
import { findSettingFaults, readSettings } from "../settings/read-settings.js";
import type { Surroundings } from "../settings/surroundings.js";
import { answerText } from "../text/answer-text.js";
import { paintFor } from "../text/paint.js";

export interface DoctorOptions {
  /** Ask no upstream and no database server. */
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** Looks for what would keep a run from working, one line each. Settings may be wrong: that is one of the things it finds. */
export async function doctorCommand(
  { offline = false, json = false }: DoctorOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { signal, dispose } = watchInterruption(() => undefined);
  try {
    const checks = [
      checkNode(),
      { name: "version", state: "ok", text: readProgramVersion() } as const,
      ...surroundings.warnings.map((text) => ({ name: "settings", state: "warning", text }) as const),
      ...findSettingFaults(surroundings).map(faultAsCheck),
      ...checkDataFolder(surroundings.dataFolder),
      ...checkProxy(surroundings),
      ...(await checkServers(surroundings, offline, signal)),
    ];
    if (signal.aborted) {
      return exitStatus.interrupted;
    }
    terminal.print(answerText({ checks }, { json, redact: surroundings.redact }, () => render(checks)));
    return checks.some(({ state }) => state === "failed") ? exitStatus.failed : exitStatus.ok;
  } finally {
    dispose();
  }
}

async function checkServers(
  surroundings: Surroundings,
  isOffline: boolean,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const base = ifValid(() => parseConfig(programConfig, surroundings.environment));
  if (base === undefined) {
    return [];
  }
  const database =
    isOffline && base.MONGO_URI !== undefined
      ? [{ name: "database", state: "skipped", text: "not contacted (--offline)" } as const]
      : await checkDatabase(base, surroundings, signal);
  const options = { base, isOffline, signal };
  const upstreams = await Promise.all(
    surroundings.connectors.map((connector) => checkConnector(connector, surroundings, options)),
  );
  return [...database, ...upstreams.flat()];
}

interface ConnectorOptions {
  readonly base: BaseConfig;
  readonly isOffline: boolean;
  readonly signal: AbortSignal;
}

async function checkConnector(
  connector: Connector,
  { environment, connectors }: Surroundings,
  { base, isOffline, signal }: ConnectorOptions,
): Promise<readonly Check[]> {
  const read = ifValid(() => ({
    configured: readSettings([connector], environment, connectors).connectors[0],
    config: parseConfig(connector.config, environment),
  }));
  if (read === undefined) {
    return [];
  }
  const { configured, config } = read;
  if (configured === undefined || (isOffline && configured.skipReason === undefined)) {
    return [{ name: connector.name, state: "skipped", text: "not contacted (--offline)" }];
  }
  const { tls, tlsSettings, urlSetting } = configured.http;
  const url = urlSetting === undefined ? undefined : config[urlSetting];
  return [
    ...(await checkUpstream(configured, {
      url: typeof url === "string" ? url : undefined,
      limits: httpLimitsOf(base),
      signal,
    })),
    ...(tls?.ca === undefined
      ? []
      : [
          {
            name: "tls",
            state: "ok",
            text: `${connector.name} trusts only ${tlsSettings?.ca ?? "its own CA"}`,
          } as const,
        ]),
  ];
}

/** Their values may hold a password. */
function checkProxy({ processEnvironment }: Surroundings): readonly Check[] {
  const names = Object.keys(processEnvironment).filter(
    (name) => /^(?:https?|all)_proxy$/i.test(name) && processEnvironment[name] !== "",
  );
  const text =
    names.length === 0
      ? "none"
      : `set by ${names.join(", ")}; not used for this machine and the hosts in NO_PROXY`;
  return [
    { name: "proxy", state: "ok", text },
    ...(processEnvironment.NODE_EXTRA_CA_CERTS
      ? [{ name: "tls", state: "ok", text: "also trusts the CAs in NODE_EXTRA_CA_CERTS" } as const]
      : []),
  ];
}

/** Whatever needs settings that are invalid is not looked at: `doctor` has named them. */
function ifValid<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) {
      return undefined;
    }
    throw error;
  }
}

function faultAsCheck({ variable, message }: ConfigError["faults"][number]): Check {
  return { name: "settings", state: "failed", text: `${variable} ${message}` };
}

const marks = {
  ok: ["✔", "green"],
  warning: ["!", "yellow"],
  failed: ["✖", "red"],
  skipped: ["–", "dim"],
} as const;

function render(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const paint = paintFor(process.stdout);
  return checks
    .map(({ name, state, text }) => {
      const [mark, style] = marks[state];
      return `${paint(style, mark)} ${name.padEnd(width)}  ${text}`;
    })
    .join("\n");
}
