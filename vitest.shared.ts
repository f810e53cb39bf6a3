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
    // The files of a worker share their modules, whose start takes more than most tests. Tests that change what is global put it back.
    isolate: false,
    // A test that takes longer says so by name: it reads real data, starts programs, or tries out thousands of values. One on a database
    // takes a second, and more on a busy machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
