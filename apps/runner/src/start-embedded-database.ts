import type { EmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { makeDataFolder } from "./make-data-folder.js";

/**
 * Starts the embedded database in a folder, which is made where it is missing. Its code is loaded here and not at the start
 * of the program: not every command needs it.
 *
 * @param port default: any free one
 * @throws ConfigError where no folder can be there
 * @throws DatabaseInUseError where another process has the database open
 * @throws Error where the port is taken
 */
export async function startEmbeddedDatabase(folder: string, port?: number): Promise<EmbeddedMongo> {
  await makeDataFolder(folder);
  const { startEmbeddedMongo } = await import("@cti-connectors/embedded-mongo");
  return startEmbeddedMongo({ path: folder, ...(port !== undefined && { port }) });
}
