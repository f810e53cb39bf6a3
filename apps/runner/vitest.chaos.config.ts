import { env } from "node:process";
import runner from "./vitest.config.js";

env.CHAOS = "full";

/** `pnpm test:chaos`: the two databases side by side. The report of `npm test` stays. */
export default {
  ...runner,
  test: { ...runner.test, include: ["src/chaos/*.test.ts"], reporters: ["verbose"], outputFile: {} },
};
