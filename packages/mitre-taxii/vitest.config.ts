import { availableParallelism } from "node:os";
import { mergeConfig } from "vitest/config";
import shared from "../../vitest.servers.js";

/** This suite takes longest. With one worker on two cores, the other core would be idle at the end. */
export default mergeConfig(shared, { test: { maxWorkers: Math.max(2, availableParallelism() - 1) } });
