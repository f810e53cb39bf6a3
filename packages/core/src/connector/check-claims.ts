import { baseConfig } from "../config/base-config.js";
import { describeConfig } from "../config/describe-config.js";
import { ConfigError } from "../config/parse-config.js";
import { unwrapSetting } from "../config/unwrap-setting.js";
import type { ConfiguredConnector } from "./configure-connector.js";
import type { CollectionSpec, Connector } from "./connector.js";

/**
 * Makes sure that every setting belongs to one connector, or to all of them: what is meant for one would steer the other, too. A connector
 * that reads the collection of another one says whose setting it is: `.meta({ owner: "threatfox" })`.
 *
 * @param connectors all of a program
 * @throws ConfigError that names the settings and their connectors
 */
export function checkSettings(connectors: readonly Pick<Connector, "name" | "config">[]): void {
  const owners = new Map(Object.keys(baseConfig.shape).map((name) => [name, "every connector"]));
  const faults = connectors.flatMap(({ name: connector, config }) =>
    Object.entries(config.shape).flatMap(([variable, setting]) => {
      if (unwrapSetting(setting).owner !== undefined) {
        return [];
      }
      const owner = owners.get(variable);
      owners.set(variable, connector);
      return owner === undefined
        ? []
        : [
            {
              variable,
              message: `is a setting of ${owner} and of ${connector}: give it another name in ${connector}`,
            },
          ];
    }),
  );
  refuse([...faults, ...findTakenFileVariables(connectors, owners)]);
}

/** `KEY_FILE` names the file of the secret `KEY`, and can be no setting of its own. */
function findTakenFileVariables(
  connectors: readonly Pick<Connector, "config">[],
  owners: ReadonlyMap<string, string>,
) {
  return [baseConfig, ...connectors.map(({ config }) => config)]
    .flatMap(describeConfig)
    .flatMap(({ name, fileVariable: variable }) => {
      const owner = variable === undefined ? undefined : owners.get(variable);
      return variable === undefined || owner === undefined
        ? []
        : [
            {
              variable,
              message: `names the file of the secret ${name}: give the setting of ${owner} another name`,
            },
          ];
    });
}

/**
 * Makes sure that every collection belongs to one step of one connector, and none of them to core (`etl_…`).
 *
 * @param connectors all that load into one database
 * @throws ConfigError that names the setting that a collection's name comes from, or else the connector
 */
export function checkCollections(connectors: readonly ConfiguredConnector[]): void {
  const claims = connectors
    .flatMap(({ name: connector, steps }) =>
      steps.flatMap(({ name: step, collection }) =>
        collection === undefined ? [] : [{ connector, step, ...collection }],
      ),
    )
    // Where two claim a collection, the one that a setting can change is at fault.
    .sort((one, other) => Number(one.nameSetting !== undefined) - Number(other.nameSetting !== undefined));
  const faults = claims.flatMap((claim, index) => {
    const { connector, name, nameSetting } = claim;
    if (name.startsWith("etl_")) {
      return [faultOf(claim, "collections named etl_… belong to core")];
    }
    const rival = claims.slice(0, index).find((other) => other.name === name);
    if (rival?.nameSetting !== undefined && nameSetting !== undefined && rival.nameSetting !== nameSetting) {
      return [
        {
          variable: `${rival.nameSetting} and ${nameSetting}`,
          message: `must not both be ${name}: choose another name for one of them`,
        },
      ];
    }
    const owner = rival?.connector === connector ? `its step ${rival.step}` : rival?.connector;
    return owner === undefined ? [] : [faultOf(claim, `${owner} loads into it`)];
  });
  refuse(faults);
}

interface Claim extends CollectionSpec {
  readonly connector: string;
  readonly step: string;
}

function faultOf({ connector, step, name, nameSetting }: Claim, reason: string) {
  return {
    variable: nameSetting ?? `the step ${step} of ${connector}`,
    message: `must not ${nameSetting === undefined ? "load into" : "be"} ${name}: ${reason}, choose another name`,
  };
}

function refuse(faults: ConstructorParameters<typeof ConfigError>[0]): void {
  if (faults.length > 0) {
    throw new ConfigError(faults);
  }
}
