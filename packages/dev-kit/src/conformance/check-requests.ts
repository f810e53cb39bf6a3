import { setTimeout as delay } from "node:timers/promises";
import { captureOutput } from "../trial/capture-output.js";
import { ensure } from "../trial/conformance-error.js";
import type { ReceivedRequest } from "../trial/fake-upstream.js";
import { compareDocuments, describeDifference, repeatableOf } from "../trial/stored-documents.js";
import type { Trial } from "../trial/trial.js";

const windowMs = 600;
/** A request is counted as it is sent, and timed here as it arrives. */
const toleranceMs = 150;

/** Every request goes through `http`, and never more of them than the quota in its window. */
export async function checkBudget(trial: Trial): Promise<void> {
  const { upstream } = trial;
  const { received } = await trial.load(await trial.openStore());
  ensure(
    received > 0,
    "a whole run sent no request to the suite's upstream: point the connector to `url` in `settings`",
  );
  const quota = { requests: Math.max(1, Math.ceil(received / 2)), windowMs };
  const store = await trial.openStore();
  const before = upstream.requests.length;
  for (const full of [false, true]) {
    const told = await trial.load(store, { quota, full });
    ensure(
      told.received === told.connector.requests,
      `the upstream received ${told.received} requests, but the report of the run counts ${told.connector.requests}: send all of them with \`http\` of the context, which counts them, keeps the budget and hides secrets. fetch does not`,
    );
  }
  const most = countAtOnce(upstream.requests.slice(before));
  ensure(
    most <= quota.requests,
    `${most} requests came within ${windowMs} ms, but the quota allows ${quota.requests}: send all of them with \`http\` of the context`,
  );
}

function countAtOnce(requests: readonly ReceivedRequest[]): number {
  const counts = requests.map(
    ({ at }) => requests.filter((other) => other.at >= at && other.at < at + windowMs - toleranceMs).length,
  );
  return Math.max(0, ...counts);
}

/** What comes in place of the first three answers. */
const refusals: readonly (() => Response)[] = [
  () => new Response("too many requests", { status: 429, headers: { "retry-after": "1" } }),
  () => new Response("come back later", { status: 503 }),
  () => new Response(ReadableStream.from(breakOffBody())),
];
/** The connection is cut once the head and the beginning of the body are sent. */
async function* breakOffBody(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("{");
  await delay(50);
  throw new Error("the suite cut the connection");
}

const told = "the upstream answered 429, then 503, then cut the connection, then answered as usual";

/** A 429 is waited for, a 503 and a cut connection are tried again, and the run loads what it always does. */
export async function checkRefusals(trial: Trial): Promise<void> {
  const { upstream, records } = trial;
  const expected = await trial.readFresh(records);
  const store = await trial.openStore();
  const from = upstream.requests.length;
  upstream.disturb((_request, nth) => refusals[nth]?.());
  // The server prints that it could not send an answer whole.
  const { result } = await captureOutput(() => trial.run(store));
  const { connector } = result;
  upstream.disturb(undefined);
  ensure(
    connector.status === "ok",
    `${told}, and the run ended as ${connector.status}: ${connector.reason}. Send requests with \`http\` of the context, which waits and retries`,
  );
  const [first, second] = upstream.requests.slice(from);
  const pauseMs = Math.round((second?.at ?? 0) - (first?.at ?? 0));
  ensure(
    pauseMs > 900,
    `the upstream answered 429 with Retry-After: 1, and the next request came after ${pauseMs} ms: send requests with \`http\` of the context, which waits`,
  );
  const difference = describeDifference(compareDocuments(expected, await trial.read(store), repeatableOf));
  ensure(
    difference === undefined,
    `${told}, and the run did not store the same documents as usual (${difference}): do not catch the errors of \`http\``,
  );
}
