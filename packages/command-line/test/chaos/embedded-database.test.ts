import { test } from "vitest";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";
import { plan, seed } from "./plan.js";
import { mountSmallDisk } from "./small-disk.js";
import { testTrials, trialOptions } from "./test-trials.js";
import { fillDisks } from "./trials.js";
import { shareWorld } from "./world.js";

const openWorld = shareWorld();

testTrials("the embedded database", openWorld, () => ({ folder: temporaryFolder() }));

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
