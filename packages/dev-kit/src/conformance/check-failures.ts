import { ensure } from "../trial/conformance-error.js";
import type { AnswerInstead, ReceivedRequest } from "../trial/fake-upstream.js";
import {
  compareDocuments,
  describeDifference,
  repeatableOf,
  type StoredDocuments,
} from "../trial/stored-documents.js";
import type { Trial, TrialRun } from "../trial/trial.js";

interface Failure {
  readonly what: string;
  readonly answer: () => Response;
}

const failures: readonly Failure[] = [
  { what: "404", answer: () => new Response("not found", { status: 404 }) },
  { what: "500", answer: () => new Response("out of order", { status: 500 }) },
  {
    what: "a web page",
    answer: () =>
      new Response("<html><title>Maintenance</title></html>", { headers: { "content-type": "text/html" } }),
  },
];

/** A run that cannot read all of its upstream does not end as if it had, and withdraws nothing. */
export async function checkFailedRequests(trial: Trial): Promise<void> {
  const store = await trial.openStore();
  const { received } = await trial.load(store);
  const expected = await trial.read(store);
  const middle = Math.floor(received / 2);
  for (const [index, failure] of failures.entries()) {
    // Each takes several runs: only the first kind fails at the ends, too.
    for (const nth of index === 0 ? new Set([0, middle, received - 1]) : [middle]) {
      await checkFailure(trial, expected, nth, failure);
    }
  }
}

/** @param nth the request that fails, from 0 */
async function checkFailure(
  trial: Trial,
  expected: StoredDocuments,
  nth: number,
  { what, answer }: Failure,
): Promise<void> {
  const { upstream } = trial;
  const when = `request ${nth + 1} of a run was answered with ${what}`;
  const fail: AnswerInstead = (_request, index) => (index === nth ? answer() : undefined);
  const store = await trial.openStore();
  const from = upstream.requests.length;
  upstream.disturb(fail);
  const told = await trial.run(store, { http: { retries: 0 } });
  const differenceNow = describeDifference(compareDocuments(expected, await trial.read(store), repeatableOf));
  refuseSilence(told, differenceNow, when);
  if (what === "500") {
    refuseRetries(upstream.requests.slice(from, from + nth + 2), nth, when);
  }

  upstream.disturb(undefined);
  await trial.load(store);
  refuseDifference(
    expected,
    await trial.read(store),
    `${when}, and the next run, with nothing failing, did not complete the load`,
  );

  upstream.disturb(fail);
  await trial.run(store, { http: { retries: 0 }, full: true });
  upstream.disturb(undefined);
  refuseDifference(expected, await trial.read(store), `${when}, and that changed what was stored before`);
}

function refuseSilence({ connector, lines }: TrialRun, difference: string | undefined, when: string): void {
  const isTold =
    connector.status !== "ok" ||
    connector.steps.some(({ missing = [] }) => missing.length > 0) ||
    lines.some((line) => line.includes('"level":"warn"'));
  ensure(
    isTold || difference === undefined,
    `${when}, but the run ended as ok without all documents (${difference}), so nobody notices that something is missing. Do not catch the errors of \`http\`, or list what you could not load in \`missing\``,
  );
}

function refuseDifference(expected: StoredDocuments, stored: StoredDocuments, what: string): void {
  const difference = describeDifference(compareDocuments(expected, stored, repeatableOf));
  ensure(
    difference === undefined,
    `${what} (${difference}). Do not catch the errors of \`http\`: records that could not be requested are not gone, and their checkpoint must not be saved`,
  );
}

/** @throws ConformanceError where the request that failed came again, though retries were off */
function refuseRetries(requests: readonly ReceivedRequest[], nth: number, when: string): void {
  const [failed, next] = requests.slice(nth);
  ensure(
    failed === undefined ||
      next === undefined ||
      next.method !== failed.method ||
      next.url !== failed.url ||
      next.body !== failed.body,
    `${when} with retries turned off, but the connector sent it again: leave retries to \`http\`, which waits longer each time`,
  );
}
