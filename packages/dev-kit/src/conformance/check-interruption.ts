import type { ConfiguredConnector, Store } from "@cti-connectors/core/host";
import { ensure } from "../trial/conformance-error.js";
import {
  compareDocuments,
  describeDifference,
  repeatableOf,
  type StoredDocuments,
} from "../trial/stored-documents.js";
import type { Trial } from "../trial/trial.js";

const longestMs = 10_000;

/** A run ends soon after an abort, while a request hangs. The next run completes the load. */
export async function checkAbortWhileHanging(trial: Trial): Promise<void> {
  const store = await trial.openStore();
  const { received } = await trial.load(store);
  const expected = await trial.read(store);
  // The answer never comes.
  const hang = () => new Promise<Response>(() => {});
  await checkAbort(trial, expected, Math.floor(received / 2), hang);
}

/** A run ends soon after an abort that comes while it loads. The next run completes the load. */
export async function checkAbortWhileLoading(trial: Trial): Promise<void> {
  const store = await trial.openStore();
  await trial.load(store);
  await checkAbort(trial, await trial.read(store), 0, () => undefined);
}

/** @param nth the request during which the abort comes, from 0 */
async function checkAbort(
  trial: Trial,
  expected: StoredDocuments,
  nth: number,
  answer: () => Promise<Response> | undefined,
): Promise<void> {
  const { upstream } = trial;
  const stop = new AbortController();
  let abortedAt = 0;
  upstream.disturb((_request, index) => {
    if (index !== nth) {
      return undefined;
    }
    abortedAt = performance.now();
    stop.abort(new Error("the suite interrupted the run"));
    return answer();
  });
  const store = await trial.openStore();
  const busy = new Set<string>();
  const { connector } = await trial.run(store, {
    signal: stop.signal,
    alter: (configured) => watchSteps(configured, busy),
  });
  upstream.disturb(undefined);
  const tookMs = performance.now() - abortedAt;
  ensure(
    busy.size === 0 && tookMs < longestMs,
    () =>
      `the step ${[...busy].join(", ")} did not end when the run was interrupted, so core abandoned it after ${(tookMs / 1000).toFixed(1)} s. Do not catch the errors of \`http\`, pass \`signal\` of the context to whatever you wait for, and leave retries to \`http\``,
  );
  // A run whose only page was in hand has nothing left to do.
  ensure(
    connector.status === "interrupted",
    `an interrupted run ended as ${connector.status}${connector.reason === undefined ? "" : `: ${connector.reason}`}. Do not catch the errors of \`http\`: core recognizes the interruption`,
  );
  await checkNextRun(trial, store, expected);
}

/** @param busy names of the steps that have begun and not ended */
function watchSteps(connector: ConfiguredConnector, busy: Set<string>): ConfiguredConnector {
  const steps = connector.steps.map((step) => ({
    ...step,
    async *extract(context: Parameters<typeof step.extract>[0]) {
      busy.add(step.name);
      try {
        yield* step.extract(context);
      } finally {
        busy.delete(step.name);
      }
    },
  }));
  return { ...connector, steps };
}

async function checkNextRun(trial: Trial, store: Store, expected: StoredDocuments): Promise<void> {
  await trial.load(store);
  const difference = describeDifference(compareDocuments(expected, await trial.read(store), repeatableOf));
  ensure(
    difference === undefined,
    `after an interrupted run, the next one does not result in the documents of a single run (${difference}): yield each checkpoint with the page whose records it covers`,
  );
}
