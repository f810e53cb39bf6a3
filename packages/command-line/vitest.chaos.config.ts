import { env } from "node:process";
import shared from "./vitest.config.js";

env.CHAOS = "full";

/** `pnpm test:chaos`: the two databases side by side. The report of `npm test` stays. */
export default {
  ...shared,
  test: {
    ...shared.test,
    projects: undefined,
    include: ["test/chaos/*.test.ts"],
    reporters: ["verbose"],
    outputFile: {},
  },
};
