import { type BaseConfig, openStore, type Store } from "@cti-connectors/core/host";
import type { Surroundings } from "../settings/surroundings.js";
import { startEmbeddedDatabase } from "./start-embedded-database.js";

export interface ConfiguredStore {
  readonly store: Store;
  /** For people: which database this is, and where. */
  readonly place: string;
  /** For people: the commands that show it in `mongosh`. */
  readonly look: readonly string[];
  /** Says whether the other process that serves the database has closed it. Absent: no other process of this program serves it. */
  isLost?(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens the database that the settings name: the MongoDB at `MONGO_URI`, or else the embedded one.
 *
 * @param options `purpose`: what the embedded one is open for. Another process that is refused meanwhile reports it.
 *   `signal`: ends connecting to MongoDB when it aborts
 * @throws ConfigError where the embedded one has no folder
 * @throws StoreConnectionError where MongoDB cannot be used
 * @throws DatabaseInUseError where another process has the embedded database open
 */
export async function openConfiguredStore(
  { MONGO_URI, DB_NAME }: Pick<BaseConfig, "MONGO_URI" | "DB_NAME">,
  { dataFolder, command }: Pick<Surroundings, "dataFolder" | "command">,
  { purpose, signal }: { readonly purpose?: string; readonly signal?: AbortSignal } = {},
): Promise<ConfiguredStore> {
  if (MONGO_URI !== undefined) {
    const store = await openStore({
      uri: MONGO_URI,
      db: DB_NAME,
      kind: "mongodb",
      ...(signal && { signal }),
    });
    return {
      store,
      place: `database ${DB_NAME} of MongoDB at ${store.host}`,
      look: [`mongosh "$MONGO_URI"`, `use ${DB_NAME}`],
      close: () => store.close(),
    };
  }
  const server = await startEmbeddedDatabase(dataFolder, purpose === undefined ? {} : { purpose });
  try {
    const store = await openStore({ uri: server.uri, db: DB_NAME, kind: "embedded", folder: dataFolder });
    return {
      store,
      place: `database ${DB_NAME} of the embedded database in ${dataFolder} (MONGO_URI is not set)`,
      look: [`${command} mongo`, `mongosh mongodb://127.0.0.1:27017/${DB_NAME}  # second terminal`],
      async close() {
        await store.close();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}
