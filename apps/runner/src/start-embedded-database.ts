import type { EmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { makeDataFolder } from "./make-data-folder.js";

/**
 * Starts the embedded database in a folder, which is made where it is missing. Its code is loaded here and not at the start
 * of the program: not every command needs it.
 *
 * @param options.port default: any free one
 * @param options.purpose what it is open for: whoever is refused meanwhile is told
 * @throws ConfigError where no folder can be there
 * @throws DatabaseInUseError where another process has the database open
 * @throws Error where the port is taken
 */
export async function startEmbeddedDatabase(
  folder: string,
  options: { readonly port?: number; readonly purpose?: string } = {},
): Promise<EmbeddedMongo> {
  await makeDataFolder(folder);
  const { startEmbeddedMongo } = await import("@cti-connectors/embedded-mongo");
  return startEmbeddedMongo({ ...options, path: folder });
}
