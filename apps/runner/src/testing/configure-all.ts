import { type ConfiguredConnector, configureConnector, parseConfig } from "@cti-connectors/core/host";
import { connectors } from "../connectors.js";

/** Those that `openUpstreams` has an upstream for, and the one that needs none. */
const simulated = new Set(["mitre-taxii", "threatfox", "cisa-kev", "malware-links"]);

/** The runner's own connectors, with their settings as they would be written in the environment. */
export function configureAll(environment: Readonly<Record<string, string>>): readonly ConfiguredConnector[] {
  return connectors
    .filter(({ name }) => simulated.has(name))
    .map((connector) => configureConnector(connector, parseConfig(connector.config, environment)));
}
