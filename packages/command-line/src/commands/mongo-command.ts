import { baseConfig, parseConfig } from "@cti-connectors/core/host";
import { startEmbeddedDatabase } from "../database/start-embedded-database.js";
import type { ExitStatus } from "../process/exit-status.js";
import { explainPortTaken } from "../process/explain-port-taken.js";
import type { Terminal } from "../process/terminal.js";
import type { Surroundings } from "../settings/surroundings.js";
import { serveUntilStopped } from "./serve-until-stopped.js";

export interface MongoOptions {
  readonly port: number;
}

/**
 * Serves the embedded database until it is stopped.
 *
 * @throws ConfigError where the database has no folder
 * @throws Error where the port is taken
 * @throws DatabaseInUseError where another process has the database open
 */
export async function mongoCommand(
  { port }: MongoOptions,
  { environment, dataFolder }: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { DB_NAME } = parseConfig(baseConfig.pick({ DB_NAME: true }), environment);
  return serveUntilStopped(
    () =>
      startEmbeddedDatabase(dataFolder, { port, purpose: "mongo" }).catch((error: unknown) => {
        const explained = explainPortTaken(error, "--port");
        throw explained === undefined ? error : new Error(explained, { cause: error });
      }),
    ({ uri }) => {
      terminal.print(uri);
      terminal.say(`Serving the embedded database in ${dataFolder}. Press Ctrl-C to stop.`);
      terminal.say(`Look at it: mongosh "${new URL(`/${DB_NAME}`, uri).href}"`);
    },
  );
}
