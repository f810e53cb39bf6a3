import {
  type BaseConfig,
  baseConfig,
  ConfigError,
  type ConfiguredConnector,
  type Connector,
  checkCollections,
  configureConnector,
  type Environment,
  parseConfig,
  parseConfigs,
  type RunOptionValues,
} from "@cti-connectors/core/host";

export interface RunSettings {
  readonly base: BaseConfig;
  readonly connectors: readonly ConfiguredConnector[];
}

type Parsed = { readonly base: BaseConfig } & Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Reads the settings of a run of these connectors. Those of other connectors may be wrong.
 *
 * @param all connectors of the program: no setting may name a collection that one of them loads into
 * @throws ConfigError that names every fault at once
 */
export function readSettings(
  connectors: readonly Connector[],
  environment: Environment,
  all: readonly Connector[] = connectors,
  options: RunOptionValues = {},
): RunSettings {
  const schemas = Object.fromEntries(connectors.map(({ name, config }) => [name, config]));
  const { base, ...configs }: Parsed = parseConfigs({ ...schemas, base: baseConfig }, environment);
  const configured = connectors.map((connector) =>
    configureConnector(connector, configs[connector.name] ?? {}, options),
  );
  const others = all.filter((connector) => !connectors.includes(connector));
  checkCollections([
    ...configured,
    ...others.flatMap((connector) => configureIfValid(connector, environment)),
  ]);
  return { base, connectors: configured };
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
