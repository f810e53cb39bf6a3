import type { Environment, Store } from "@cti-connectors/core/host";
import { runInTest, type TestRunOptions } from "@cti-connectors/core/testing";
import { cisaKev } from "../cisa-kev.js";

/** Runs the connector into a store, and returns what the report and the log say. */
export async function runKev(store: Store, environment: Environment, options: Partial<TestRunOptions> = {}) {
  const { connector, lines } = await runInTest({ store, connector: cisaKev, environment, ...options });
  return { ...connector, lines };
}
