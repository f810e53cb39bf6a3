import { type ConfiguredConnector, configureConnector, parseConfig } from "@cti-connectors/core/host";
import { connectors } from "../connectors.js";

/** The runner's own connectors, with their settings as they would be written in the environment. */
export function configureAll(environment: Readonly<Record<string, string>>): readonly ConfiguredConnector[] {
  return connectors.map((connector) =>
    configureConnector(connector, parseConfig(connector.config, environment)),
  );
}
