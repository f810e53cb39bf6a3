import {
  type BaseConfig,
  baseConfig,
  type ConfiguredConnector,
  type Connector,
  configureConnector,
  type Environment,
  parseConfig,
  parseConfigs,
} from "@cti-connectors/core";

export interface RunSettings {
  readonly base: BaseConfig;
  readonly connectors: readonly ConfiguredConnector[];
}

/**
 * Reads the settings of a run of these connectors. Those of other connectors may be wrong.
 *
 * @throws ConfigError that tells of every fault at once
 */
export function readSettings(connectors: readonly Connector[], environment: Environment): RunSettings {
  const schemas = connectors.map(({ name, config }) => [name, config] as const);
  const configs = parseConfigs(Object.fromEntries([["base", baseConfig], ...schemas]), environment);
  return {
    base: parseConfig(baseConfig, environment),
    connectors: connectors.map((connector) => configureConnector(connector, configs[connector.name] ?? {})),
  };
}

/** The environment of a run with `--sample`: only the first of everything, of connectors that can be limited. */
export function withSample(connectors: readonly Connector[], environment: Environment): Environment {
  return Object.assign({}, environment, ...connectors.map(({ sample }) => sample));
}
