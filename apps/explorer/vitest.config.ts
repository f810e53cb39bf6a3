import { mergeConfig } from "vitest/config";
import shared from "../../vitest.shared.js";

export default mergeConfig(shared, {
  // What sets up the tests resolves packages in an environment of its own.
  environments: { __vitest__: { resolve: shared.ssr?.resolve } },
  test: { globalSetup: "test/browser/set-up.ts" },
});
