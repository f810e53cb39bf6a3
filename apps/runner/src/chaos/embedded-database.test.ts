import { test } from "vitest";
import { temporaryFolder } from "../start-process.testing.js";
import { plan, seed } from "./chaos-plan.testing.js";
import { openWorld } from "./chaos-world.testing.js";
import { mountSmallDisk } from "./small-disk.testing.js";
import { testTrials, trialOptions } from "./test-trials.testing.js";
import { fillDisks } from "./trials.testing.js";

testTrials("the embedded database", () => ({ folder: temporaryFolder() }));

test(
  `… after ${plan.fullDisks} full disks (seed ${seed}; skipped where no disk can be mounted)`,
  trialOptions,
  async ({ skip }) => {
    if (mountSmallDisk() === undefined) {
      skip("skipped: no disk can be mounted here");
    }
    await fillDisks(await openWorld(), mountSmallDisk);
  },
);
