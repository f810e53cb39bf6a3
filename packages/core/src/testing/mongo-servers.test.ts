import { expect, test } from "vitest";

test.skipIf(process.env.TEST_MONGO_URI === undefined)(
  "the suites of this package that reach a database also run on an independent server (skipped: TEST_MONGO_URI is not set)",
  () => {
    expect(process.env.TEST_MONGO_URI).toMatch(/^mongodb(\+srv)?:\/\//);
  },
);
