import { test } from "vitest";
import { temporaryFolder } from "../start-process.testing.js";
import { plan, seed, timeoutMs } from "./chaos-plan.testing.js";
import { openWorld } from "./chaos-world.testing.js";
import { mountSmallDisk } from "./small-disk.testing.js";
import {
  canUnshare,
  fillDisks,
  killRuns,
  raceClocks,
  raceNamespaces,
  raceRuns,
  signalRuns,
} from "./trials.testing.js";

const newTarget = () => ({ folder: temporaryFolder() });
const options = { timeout: timeoutMs };

test(
  `the embedded database is whole after ${plan.kills} kills at random points (seed ${seed})`,
  options,
  async () => {
    await killRuns(await openWorld(), newTarget);
  },
);

test(`… after ${plan.signals} signals at random points (seed ${seed})`, options, async () => {
  await signalRuns(await openWorld(), newTarget);
});

test(`… after ${plan.races} races of two runs (seed ${seed})`, options, async () => {
  await raceRuns(await openWorld(), newTarget);
});

test.skipIf(!canUnshare)(
  `… after ${plan.namespaces} races between PID namespaces (seed ${seed}; skipped where unshare is not permitted)`,
  options,
  async () => {
    await raceNamespaces(await openWorld(), newTarget);
  },
);

test(`… after ${plan.clocks} races of runs whose clocks differ by 90 s (seed ${seed})`, options, async () => {
  await raceClocks(await openWorld(), newTarget);
});

test(
  `… after ${plan.fullDisks} full disks (seed ${seed}; skipped where no disk can be mounted)`,
  options,
  async ({ skip }) => {
    if (mountSmallDisk() === undefined) {
      skip("skipped: no disk can be mounted here");
    }
    await fillDisks(await openWorld(), mountSmallDisk);
  },
);
