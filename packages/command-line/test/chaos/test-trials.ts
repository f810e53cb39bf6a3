import { test } from "vitest";
import { plan, seed, timeoutMs } from "./plan.js";
import {
  canUnshare,
  killRuns,
  type NewTarget,
  raceClocks,
  raceNamespaces,
  raceRuns,
  signalRuns,
} from "./trials.js";
import type { World } from "./world.js";

export const trialOptions = { timeout: timeoutMs };

/**
 * The trials of every kind of database.
 *
 * @param database its name, for people
 */
export function testTrials(database: string, openWorld: () => Promise<World>, newTarget: NewTarget): void {
  test(
    `${database} is whole after ${plan.kills} kills at random points (seed ${seed})`,
    trialOptions,
    async () => {
      await killRuns(await openWorld(), newTarget);
    },
  );

  test(`… after ${plan.signals} signals at random points (seed ${seed})`, trialOptions, async () => {
    await signalRuns(await openWorld(), newTarget);
  });

  test(`… after ${plan.races} races of two runs (seed ${seed})`, trialOptions, async () => {
    await raceRuns(await openWorld(), newTarget);
  });

  test.skipIf(!canUnshare)(
    `… after ${plan.namespaces} races between PID namespaces (seed ${seed}; skipped where unshare is not permitted)`,
    trialOptions,
    async () => {
      await raceNamespaces(await openWorld(), newTarget);
    },
  );

  test(
    `… after ${plan.clocks} races of runs whose clocks differ by 90 s (seed ${seed})`,
    trialOptions,
    async () => {
      await raceClocks(await openWorld(), newTarget);
    },
  );
}
