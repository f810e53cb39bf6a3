import { type BaseConfig, type IfRunning, waitWhileHeld } from "@cti-connectors/core/host";
import type { DatabaseInUseError } from "@cti-connectors/embedded-mongo";
import type { Surroundings } from "../settings/surroundings.js";
import { type ConfiguredStore, openConfiguredStore } from "./open-configured-store.js";
import { isDatabaseInUse } from "./start-embedded-database.js";

/** How long a run waits for another one. */
export const runningWaitMs = 60_000;

/** What a run has the embedded database open for. */
const purpose = "run";

/** Commands that have it open until they are stopped: waiting would help nobody. */
const lastingPurposes: readonly (string | undefined)[] = ["mongo", "serve"];

export interface OpenWhenFreeOptions {
  readonly ifRunning: IfRunning;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/**
 * Opens the database for a run. The embedded one is open in one process at a time, so that another run may be in the way; most
 * other commands have it for a moment.
 *
 * @throws as `openConfiguredStore`, and the signal's reason where it aborts
 */
export function openWhenFree(
  settings: Pick<BaseConfig, "MONGO_URI" | "DB_NAME">,
  surroundings: Pick<Surroundings, "dataFolder" | "command">,
  { ifRunning, signal, say }: OpenWhenFreeOptions,
): Promise<ConfiguredStore> {
  return waitWhileHeld(() => openConfiguredStore(settings, surroundings, { purpose, signal }), {
    isHeld: (error) =>
      isDatabaseInUse(error) &&
      !lastingPurposes.includes(error.purpose) &&
      (ifRunning === "wait" || !isOpenForRun(error)),
    waitMs: ifRunning === "fail" ? 0 : runningWaitMs,
    signal,
    onWait: (error) => say(`Waiting for up to a minute. ${error instanceof Error ? error.message : ""}`),
  });
}

/** Whether another run has the embedded database open. */
export function isOpenForRun(error: unknown): error is DatabaseInUseError {
  return isDatabaseInUse(error) && error.purpose === purpose;
}
