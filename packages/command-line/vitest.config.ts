import { availableParallelism } from "node:os";
import { mergeConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import shared from "../../vitest.servers.js";

/** The files that take longest come first, so that no worker is left with one at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => /[\\/]test[\\/](?:chaos|faults)[\\/]/.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** Most tests wait for programs that they have started, and for retries: three at a time keep two cores busy. */
export default mergeConfig(shared, {
  test: {
    globalSetup: ["src/testing/build.ts"],
    maxWorkers: Math.max(3, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: "src", exclude: ["test/**"] } },
      // Some replace modules of Node.
      { extends: true, test: { name: "test", exclude: ["src/**"], isolate: true } },
    ],
  },
});
