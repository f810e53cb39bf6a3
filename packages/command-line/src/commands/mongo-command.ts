import { baseConfig, openStore, parseConfig } from "@cti-connectors/core/host";
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
    async () => {
      const { uri, close } = await startEmbeddedDatabase(dataFolder, { port, purpose: "mongo" }).catch(
        (error: unknown) => {
          const explained = explainPortTaken(error, "--port");
          throw explained === undefined ? error : new Error(explained, { cause: error });
        },
      );
      try {
        return { uri, close, stored: await listDatabases(uri, DB_NAME) };
      } catch (error) {
        await close();
        throw error;
      }
    },
    ({ uri, stored }) => {
      terminal.print(uri);
      const state = stored.length === 0 ? ", which is empty" : "";
      terminal.say(`Serving the embedded database in ${dataFolder}${state}. Press Ctrl-C to stop.`);
      terminal.say("Query it in another terminal:");
      for (const name of stored.length === 0 ? [DB_NAME] : stored) {
        terminal.say(`  mongosh "${new URL(`/${name}`, uri).href}"`);
      }
    },
  );
}

/** MongoDB's own. */
const systemDatabases: readonly string[] = ["admin", "config", "local"];

/** The databases that a server stores, such as that of runs and that of the demo, by name. */
async function listDatabases(uri: string, db: string): Promise<readonly string[]> {
  const store = await openStore({ uri, db, kind: "embedded" });
  try {
    const { databases } = await store.database.admin().listDatabases({ nameOnly: true });
    return databases.map(({ name }) => name).filter((name) => !systemDatabases.includes(name));
  } finally {
    await store.close();
  }
}
