import { ConfigError, type Connector, configureConnector, parseConfig } from "@cti-connectors/core/host";

/** What somebody who has set nothing has to set before each of these connectors runs: a line for each that says so. */
export function findMissingSettings(connectors: readonly Connector[]): readonly string[] {
  return connectors.flatMap((connector) => {
    const reason = reasonNotToRun(connector);
    return reason === undefined ? [] : [`${connector.name}: ${reason}`];
  });
}

function reasonNotToRun(connector: Connector): string | undefined {
  try {
    return configureConnector(connector, parseConfig(connector.config, {})).skipReason;
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.message.replaceAll("\n", "; ");
    }
    throw error;
  }
}
