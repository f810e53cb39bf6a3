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

/** The database that the settings name. The embedded one is open in this process until it is closed. */
export interface ConfiguredDatabase {
  /**
   * Connects to it. Several connections may be open at a time.
   *
   * @param signal ends connecting when it aborts
   * @throws StoreConnectionError where MongoDB cannot be used
   */
  connect(signal?: AbortSignal): Promise<ConfiguredStore>;
  /** Once its connections are closed. */
  close(): Promise<void>;
}

type DatabaseSettings = Pick<BaseConfig, "MONGO_URI" | "DB_NAME">;
type DatabaseSurroundings = Pick<Surroundings, "dataFolder" | "command">;

/**
 * Opens the database that the settings name: the MongoDB at `MONGO_URI`, or else the embedded one.
 *
 * @param purpose what the embedded one is open for. Another process that is refused meanwhile reports it.
 * @throws ConfigError where the embedded one has no folder
 * @throws DatabaseInUseError where another process has the embedded database open
 */
export async function openConfiguredDatabase(
  { MONGO_URI, DB_NAME }: DatabaseSettings,
  { dataFolder, command }: DatabaseSurroundings,
  purpose?: string,
): Promise<ConfiguredDatabase> {
  if (MONGO_URI !== undefined) {
    return {
      async connect(signal) {
        const options = { uri: MONGO_URI, db: DB_NAME, kind: "mongodb" } as const;
        const store = await openStore({ ...options, ...(signal && { signal }) });
        return {
          store,
          place: `database ${DB_NAME} of MongoDB at ${store.host}`,
          look: [`mongosh "$MONGO_URI"`, `use ${DB_NAME}`],
          close: () => store.close(),
        };
      },
      close: async () => undefined,
    };
  }
  const { uri, close } = await startEmbeddedDatabase(dataFolder, purpose === undefined ? {} : { purpose });
  return {
    async connect(signal) {
      const options = { uri, db: DB_NAME, kind: "embedded", folder: dataFolder } as const;
      const store = await openStore({ ...options, ...(signal && { signal }) });
      return {
        store,
        place: `database ${DB_NAME} of the embedded database in ${dataFolder} (MONGO_URI is not set)`,
        look: [`${command} mongo`, `mongosh mongodb://127.0.0.1:27017/${DB_NAME}  # second terminal`],
        close: () => store.close(),
      };
    },
    close,
  };
}

/**
 * Opens the database for one user, and connects to it.
 *
 * @param options `purpose`: as of `openConfiguredDatabase`. `signal`: ends connecting to MongoDB when it aborts
 * @throws as `openConfiguredDatabase`; StoreConnectionError where MongoDB cannot be used
 */
export async function openConfiguredStore(
  settings: DatabaseSettings,
  surroundings: DatabaseSurroundings,
  { purpose, signal }: { readonly purpose?: string; readonly signal?: AbortSignal } = {},
): Promise<ConfiguredStore> {
  const database = await openConfiguredDatabase(settings, surroundings, purpose);
  try {
    const opened = await database.connect(settings.MONGO_URI === undefined ? undefined : signal);
    return {
      ...opened,
      async close() {
        await opened.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
