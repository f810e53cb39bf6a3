import { ConfigError } from "../config/parse-config.js";
import type { ConfiguredConnector } from "./define-connector.js";

/**
 * Makes sure that no connector loads into the collections of another one or of core (`etl_…`), and that a setting which names a collection
 * names one of its own. Steps of one connector may share a collection.
 *
 * @param connectors all that load into one database
 * @throws ConfigError
 */
export function checkCollections(connectors: readonly ConfiguredConnector[]): void {
  const claims = connectors
    .flatMap(({ name: connector, steps }) =>
      steps.flatMap(({ collections }) => collections.map((collection) => ({ connector, ...collection }))),
    )
    // Where two claim a collection, the one that a setting can change is at fault.
    .sort((one, other) => Number(one.nameSetting !== undefined) - Number(other.nameSetting !== undefined));
  const faults = claims.flatMap(({ connector, name, nameSetting }, index) => {
    const rival = claims
      .slice(0, index)
      .find(
        (other) =>
          other.name === name && (other.connector !== connector || other.nameSetting !== nameSetting),
      );
    const reason = name.startsWith("etl_")
      ? "etl_… hold what runs remember"
      : rival && `${rival.connector} loads into it`;
    return reason === undefined
      ? []
      : [
          {
            variable: nameSetting ?? connector,
            message: `${nameSetting === undefined ? "must not load into" : "must not be"} ${name}: ${reason}, choose another name`,
          },
        ];
  });
  if (faults.length > 0) {
    throw new ConfigError(faults);
  }
}
