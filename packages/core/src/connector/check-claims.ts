import { baseConfig } from "../config/base-config.js";
import { ConfigError } from "../config/parse-config.js";
import type { Connector } from "./connector.js";
import type { ConfiguredConnector } from "./define-connector.js";

/**
 * Makes sure that every setting belongs to one connector, or to all of them: what is meant for one would steer the other, too.
 *
 * @param connectors all of a program
 * @throws ConfigError that names the settings and their connectors
 */
export function checkSettings(connectors: readonly Pick<Connector, "name" | "config">[]): void {
  const owners = new Map(Object.keys(baseConfig.shape).map((name) => [name, "every connector"]));
  const faults = connectors.flatMap(({ name: connector, config }) =>
    Object.keys(config.shape).flatMap((variable) => {
      const owner = owners.get(variable);
      owners.set(variable, connector);
      return owner === undefined
        ? []
        : [
            {
              variable,
              message: `is a setting of ${owner} and of ${connector}: rename it in ${connector}, which then has it for itself`,
            },
          ];
    }),
  );
  refuse(faults);
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
  const faults = claims.flatMap(({ connector, step, name, nameSetting }, index) => {
    const rival = claims.slice(0, index).find((other) => other.name === name);
    const owner = rival?.connector === connector ? `its step ${rival.step}` : rival?.connector;
    const reason = name.startsWith("etl_")
      ? "etl_… hold what runs remember"
      : owner && `${owner} loads into it`;
    return reason === undefined
      ? []
      : [
          {
            variable: nameSetting ?? `the step ${step} of ${connector}`,
            message: `must not ${nameSetting === undefined ? "load into" : "be"} ${name}: ${reason}, choose another name`,
          },
        ];
  });
  refuse(faults);
}

function refuse(faults: ConstructorParameters<typeof ConfigError>[0]): void {
  if (faults.length > 0) {
    throw new ConfigError(faults);
  }
}
