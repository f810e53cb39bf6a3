import { availableParallelism } from "node:os";
import { mergeConfig } from "vitest/config";
import shared from "../../vitest.shared.js";

/** Most tests wait for programs that they have started: two at a time suit a machine of two cores. */
export default mergeConfig(shared, {
  test: { globalSetup: "src/testing/build.ts", maxWorkers: Math.max(2, availableParallelism() - 1) },
});
