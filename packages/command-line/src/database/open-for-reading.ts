import { type BaseConfig, openStore, waitWhileHeld } from "@cti-connectors/core/host";
import type { DatabaseInUseError } from "@cti-connectors/embedded-mongo";
import type { Surroundings } from "../settings/surroundings.js";
import { type ConfiguredStore, openConfiguredStore } from "./open-configured-store.js";
import { isDatabaseInUse } from "./start-embedded-database.js";

/** How long a process that opens or closes the embedded database may be in the way. */
const changeMs = 5_000;
const everyMs = 100;
/** On loopback, an answer takes milliseconds. */
const connectMs = 1_000;

/**
 * Opens the database for a command that only reads. If another process has the embedded one open, it is read through the server of that
 * process, which announces its address in the lock file.
 *
 * @throws as `openConfiguredStore`. DatabaseInUseError where the other process is in another container, or does not answer
 */
export function openForReading(
  settings: Pick<BaseConfig, "MONGO_URI" | "DB_NAME">,
  surroundings: Pick<Surroundings, "dataFolder" | "command">,
  signal: AbortSignal,
): Promise<ConfiguredStore> {
  let mayChange = true;
  const open = async () => {
    try {
      return await openConfiguredStore(settings, surroundings, { signal });
    } catch (error) {
      if (!isDatabaseInUse(error)) {
        throw error;
      }
      // Another container has a loopback interface of its own: what listens there on that port is something else.
      mayChange = !error.isElsewhere;
      const borrowed = mayChange ? await borrow(error, settings, surroundings) : undefined;
      if (borrowed === undefined) {
        throw error;
      }
      return borrowed;
    }
  };
  const isHeld = (error: unknown) => isDatabaseInUse(error) && mayChange;
  return waitWhileHeld(open, { isHeld, waitMs: changeMs, everyMs, signal, onWait: () => undefined });
}

/** @returns undefined where nobody answers there, or another process than the one that has the database open */
async function borrow(
  { uri, pid, purpose }: DatabaseInUseError,
  { DB_NAME }: Pick<BaseConfig, "DB_NAME">,
  { dataFolder }: Pick<Surroundings, "dataFolder">,
): Promise<ConfiguredStore | undefined> {
  if (uri === undefined || pid === undefined) {
    return undefined;
  }
  const options = { uri, db: DB_NAME, kind: "embedded", folder: dataFolder, isBorrowed: true } as const;
  const store = await openStore({ ...options, timeoutMs: connectMs }).catch(() => undefined);
  if (store === undefined) {
    return undefined;
  }
  const { database } = store;
  /** Ports are given to other programs again. */
  const isServed = async () => {
    const answer = await database
      .admin()
      .serverStatus()
      .catch(() => undefined);
    return answer?.process === "embedded-mongo" && answer.pid === pid;
  };
  if (!(await isServed())) {
    await store.close();
    return undefined;
  }
  const holder = purpose === undefined ? `process ${pid}` : `process ${pid} (${purpose})`;
  return {
    store,
    place: `database ${DB_NAME} of the embedded database in ${dataFolder} (MONGO_URI is not set; ${holder} has it open)`,
    look: [`mongosh ${new URL(`/${DB_NAME}`, uri).href}`],
    isLost: async () => !(await isServed()),
    close: () => store.close(),
  };
}
