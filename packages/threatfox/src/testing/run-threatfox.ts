import type { RunConnectorsOptions, Store } from "@cti-connectors/core/host";
import { runInTest, type TestRun } from "@cti-connectors/core/testing";
import { threatfox } from "../threatfox.js";

/** Runs the connector into a store, without retries. */
export function runThreatfox(
  store: Store,
  environment: Readonly<Record<string, string>>,
  options: Partial<Omit<RunConnectorsOptions, "connectors" | "log">> = {},
): Promise<TestRun> {
  return runInTest({
    ...{ connector: threatfox, environment, store, graceMs: 60_000 },
    ...options,
    http: { timeoutMs: 20_000, ...options.http },
  });
}

/** Interrupts a run once so many pages with records are stored. */
export function stopAfter(pages: number): Partial<RunConnectorsOptions> {
  const stop = new AbortController();
  let loaded = 0;
  return {
    signal: stop.signal,
    onEvent(event) {
      if (event.type === "page-loaded") {
        loaded += event.counts.extracted > 0 ? 1 : 0;
        if (loaded >= pages) {
          stop.abort();
        }
      }
    },
  };
}
