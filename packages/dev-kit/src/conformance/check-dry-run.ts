import type { Store } from "@cti-connectors/core/host";
import { ensure } from "../trial/conformance-error.js";
import { bytesOf, compareDocuments, describeDifference, readEverything } from "../trial/stored-documents.js";
import type { Trial } from "../trial/trial.js";

/** More than a run needs: it is there for the budget, which a dry run must not write either. */
const quota = { requests: 1_000, windowMs: 60_000 };

/** A dry run writes nothing at all, neither into an empty database nor into one that is behind the upstream. */
export async function checkDryRun(trial: Trial): Promise<void> {
  const { subject, upstream, records } = trial;
  const empty = await trial.openStore();
  await checkWritesNothing(trial, empty, "an empty database");

  const store = await trial.openStore();
  await trial.load(store, { quota });
  upstream.records = records.map((record, n) => (n === 0 ? subject.upstream.change(record) : record));
  await checkWritesNothing(trial, store, "a database that is behind the upstream");
}

async function checkWritesNothing(trial: Trial, store: Store, where: string): Promise<void> {
  await trial.prepare(store);
  const before = await readEverything(store);
  await trial.load(store, { dryRun: true, quota });
  const difference = describeDifference(compareDocuments(before, await readEverything(store), bytesOf));
  ensure(
    difference === undefined,
    `a dry run wrote to ${where} (${difference}): a step must not write anything itself`,
  );
}
