import { defineConfig } from "vitest/config";

const conditions = ["@cti-connectors/source", "node", "import", "module", "default"];

/** Tests run on the sources of every package, so nothing has to be built first. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["node", "import", "module", "default"] } },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    reporters: ["default", "json"],
    outputFile: { json: ".vitest/report.json" },
    // On a machine that does other things too; some tests build and start programs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
