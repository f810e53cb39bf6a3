import { OptionError } from "@cti-connectors/core";
import {
  ConfigError,
  type ConfiguredConnector,
  type Connector,
  checkCollections,
  configureConnector,
  type Environment,
  parseConfig,
  parseConfigs,
  pathsFrom,
  type RunOptionValues,
} from "@cti-connectors/core/host";
import { UsageError } from "../process/exit-status.js";
import { type ProgramConfig, programConfig } from "./program-config.js";
import type { Surroundings } from "./surroundings.js";

export interface RunSettings {
  readonly base: ProgramConfig;
  readonly connectors: readonly ConfiguredConnector[];
}

type Parsed = { readonly base: ProgramConfig } & Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What was asked of a run on the command line, and the folder that paths in it count from. */
export interface AskedOptions {
  readonly values: RunOptionValues;
  readonly folder: string;
}

/**
 * Reads the settings of a run of these connectors. Those of other connectors may be wrong.
 *
 * @param all connectors of the program: no setting may name a collection that one of them loads into
 * @throws ConfigError that names every fault at once
 * @throws UsageError that names an option whose value cannot be used
 */
export function readSettings(
  connectors: readonly Connector[],
  environment: Environment,
  all: readonly Connector[] = connectors,
  asked: AskedOptions = { values: {}, folder: "." },
): RunSettings {
  const schemas = Object.fromEntries(connectors.map(({ name, config }) => [name, config]));
  const { base, ...configs }: Parsed = parseConfigs({ ...schemas, base: programConfig }, environment);
  const configured = connectors.map((connector) =>
    configure(connector, configs[connector.name] ?? {}, asked),
  );
  const others = all.filter((connector) => !connectors.includes(connector));
  checkCollections([...configured, ...configureValid(others, environment)]);
  return { base, connectors: configured };
}

function configure(
  connector: Connector,
  config: Readonly<Record<string, unknown>>,
  { values, folder }: AskedOptions,
): ConfiguredConnector {
  try {
    return configureConnector(connector, config, values, pathsFrom(folder));
  } catch (error) {
    throw error instanceof OptionError ? new UsageError(error.message, { cause: error }) : error;
  }
}

/** Those of these connectors whose settings are valid. */
export function configureValid(
  connectors: readonly Connector[],
  environment: Environment,
): readonly ConfiguredConnector[] {
  return connectors.flatMap((connector) => configureIfValid(connector, environment));
}

function configureIfValid(connector: Connector, environment: Environment): readonly ConfiguredConnector[] {
  try {
    return [configureConnector(connector, parseConfig(connector.config, environment))];
  } catch (error) {
    if (error instanceof ConfigError) {
      return [];
    }
    throw error;
  }
}

/** What is wrong with the settings, all at once: what kept them from being read, and their values. */
export function findSettingFaults({
  faults,
  connectors,
  environment,
}: Pick<Surroundings, "faults" | "connectors" | "environment">): ConfigError["faults"] {
  try {
    readSettings(connectors, environment);
    return faults;
  } catch (error) {
    if (error instanceof ConfigError) {
      return [...faults, ...error.faults];
    }
    throw error;
  }
}
