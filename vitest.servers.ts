import { fileURLToPath } from "node:url";
import { mergeConfig } from "vitest/config";
import shared from "./vitest.shared.js";

/** For packages whose tests use the MongoDB server in TEST_MONGO_URI. */
export default mergeConfig(shared, {
  test: { globalSetup: [fileURLToPath(new URL("vitest.start-secantus.ts", import.meta.url))] },
});
