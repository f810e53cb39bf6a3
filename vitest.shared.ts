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
    // A test that takes longer says so by name: it reads real data, starts programs, or tries out thousands of values.
    testTimeout: 5_000,
    hookTimeout: 30_000,
  },
});
