import type { BaseConfig } from "@cti-connectors/core/host";
import { openConfiguredStore } from "../database/open-configured-store.js";
import { isDatabaseInUse } from "../database/start-embedded-database.js";
import type { Surroundings } from "../settings/surroundings.js";
import { type Check, lineOf } from "./check.js";
import { checkClock } from "./check-clock.js";

const name = "database";

/** Whether the database answers, its version, and whether this user may write. Writes nothing. */
export async function checkDatabase(
  settings: Pick<BaseConfig, "MONGO_URI" | "DB_NAME">,
  surroundings: Pick<Surroundings, "dataFolder" | "command">,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  try {
    const { store, place, close } = await openConfiguredStore(settings, surroundings, {
      purpose: "doctor",
      signal,
    });
    try {
      const { version } = await store.database.command({ buildInfo: 1 });
      if (store.kind === "embedded") {
        return [{ name, state: "ok", text: `${place}: free` }];
      }
      const { localTime } = await store.database.command({ hello: 1 });
      const clock = localTime instanceof Date ? [checkClock(localTime, "the database server")] : [];
      try {
        // Matches nothing, but needs the right to write.
        await store.database.collection("etl_state").updateOne({ doctor: true }, { $set: { doctor: true } });
      } catch (error) {
        const text = `${place}, version ${version}, but this user may not write: grant it readWrite on ${settings.DB_NAME} (${lineOf(error)})`;
        return [{ name, state: "failed", text }, ...clock];
      }
      return [{ name, state: "ok", text: `${place}, version ${version}, writable` }, ...clock];
    } finally {
      await close();
    }
  } catch (error) {
    return [
      isDatabaseInUse(error)
        ? { name, state: "ok", text: `in use: ${lineOf(error)}` }
        : { name, state: "failed", text: lineOf(error) },
    ];
  }
}
