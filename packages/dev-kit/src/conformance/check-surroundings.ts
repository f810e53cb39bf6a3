import { ensure } from "../trial/conformance-error.js";
import { shiftClock } from "../trial/shift-clock.js";
import { compareDocuments, describeDifference, repeatableOf } from "../trial/stored-documents.js";
import type { Trial } from "../trial/trial.js";

/** What a person might have in the environment of the process, and a test's settings do not. */
const stray = "http://127.0.0.1:9/the-environment-of-the-process";

/** Settings come from `config`: a program gives a connector others than those of the process, as in a demo. */
export async function checkSettingsSource(trial: Trial): Promise<void> {
  const { subject, upstream, records } = trial;
  const expected = await trial.readFresh(records);
  const store = await trial.openStore();
  const from = upstream.requests.length;
  const names = Object.keys(subject.connector.config.shape);
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) {
    process.env[name] = stray;
  }
  const { connector } = await trial.run(store, { http: { retries: 0 } }).finally(() => {
    for (const [name, value] of before) {
      if (value === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = value;
      }
    }
  });
  const sent = upstream.requests.slice(from).some((request) => JSON.stringify(request).includes(stray));
  const difference = describeDifference(compareDocuments(expected, await trial.read(store), repeatableOf));
  ensure(
    connector.status === "ok" && !sent && difference === undefined,
    `other values of ${names.join(", ")} in the environment of the process changed what the connector did: read settings from \`config\` of the context, never from process.env`,
  );
}

/** Longer than a day, so that a date without its time differs, too. */
const laterMs = 36 * 60 * 60 * 1000;

/** The clock is not in the documents: they are the same where a run a day later loads them. */
export async function checkLaterRun(trial: Trial): Promise<void> {
  const store = await trial.openStore();
  await trial.load(store);
  const before = await trial.read(store);
  await shiftClock(laterMs, () => trial.load(store, { full: true }));
  const difference = describeDifference(compareDocuments(before, await trial.read(store), repeatableOf));
  ensure(
    difference === undefined,
    `a run 36 hours later found the upstream unchanged, but still changed documents (${difference}). Do not use today's date, or anything that depends on it such as an age, in \`transform\`: compute it in queries`,
  );
}
