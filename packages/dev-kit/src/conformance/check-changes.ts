import type { JsonObject } from "@cti-connectors/core";
import type { Store } from "@cti-connectors/core/host";
import { ConformanceError, ensure, listSome } from "../trial/conformance-error.js";
import {
  bytesOf,
  compareDocuments,
  describeDifference,
  repeatableOf,
  type StoredDocuments,
  writtenForm,
} from "../trial/stored-documents.js";
import type { Trial } from "../trial/trial.js";

/** The record that changes, goes and comes back: in the middle, where no page begins or ends by chance. */
function chooseRecord({ records }: Trial): number {
  return Math.floor(records.length / 2);
}

function replaceRecord({ records }: Trial, n: number, record: JsonObject): readonly JsonObject[] {
  return records.map((old, index) => (index === n ? record : old));
}

/** A changed record changes its documents, and no other. */
export async function checkChangedRecord(trial: Trial): Promise<void> {
  const { subject, upstream, records } = trial;
  const n = chooseRecord(trial);
  const next = replaceRecord(trial, n, subject.upstream.change(records[n] ?? {}));
  const expected = await trial.readFresh(next);
  const store = await trial.openStore();
  await trial.load(store);
  const before = await trial.read(store);
  ensure(
    describeDifference(compareDocuments(before, expected, repeatableOf)) !== undefined,
    `what \`change\` does to record(${n}) does not change its document: let it change a field that is loaded`,
  );
  upstream.records = next;
  const { report } = await trial.load(store);
  const after = await trial.read(store);
  const listed = compareDocuments(expected, after, repeatableOf);
  ensure(
    listed.missing.length + listed.changed.length === 0,
    () =>
      `the upstream changed record(${n}), but the next run did not update its documents (${describeDifference({ ...listed, added: [] })}): request the changed records, and yield them`,
  );
  for (const key of compareDocuments(before, after, repeatableOf).changed) {
    const [old, now] = [before.get(key), after.get(key)];
    ensure(
      writtenForm(now?.first_ingested_at) === writtenForm(old?.first_ingested_at) &&
        now?.run_id === report.runId,
      `${key} has changed: it must keep its first_ingested_at and have the run_id of the run`,
    );
  }
  refuseOtherChanges(before, after, expected, `the upstream changed record(${n}) alone`);
}

/** @throws ConformanceError where a document was written whose content the upstream did not change */
function refuseOtherChanges(
  before: StoredDocuments,
  after: StoredDocuments,
  expected: StoredDocuments,
  occasion: string,
): void {
  const same = [...before].filter(
    ([key, document]) =>
      writtenForm(repeatableOf(document)) === writtenForm(repeatableOf(expected.get(key) ?? {})),
  );
  const written = compareDocuments(new Map(same), after, bytesOf);
  const keys = [...written.missing, ...written.changed];
  ensure(
    keys.length === 0,
    `${occasion}, but the run also wrote other documents: ${listSome(keys)}. What \`transform\` returns for a record must depend only on that record`,
  );
}

/** What the upstream no longer lists is marked as removed, and loses the mark when it is back. */
export async function checkWithdrawal(trial: Trial): Promise<void> {
  const { upstream, records } = trial;
  const n = chooseRecord(trial);
  const others = records.filter((_, index) => index !== n);
  const expected = await trial.readFresh(others);
  const store = await trial.openStore();
  await trial.load(store);
  const before = await trial.read(store);
  const gone = [...before.keys()].filter((key) => !expected.has(key));
  ensure(gone.length > 0, `record(${n}) shares its document with another record: each record needs its own`);

  upstream.records = others;
  await trial.load(store);
  const without = await trial.read(store);
  const kept = gone.filter((key) => !((without.get(key)?.removed_at ?? null) instanceof Date));
  ensure(
    kept.length === 0,
    `the upstream no longer lists record(${n}), but its document is not marked as removed: ${listSome(kept)}. On the last page, set \`lists\` to the ids of everything that the upstream has. If the upstream has no complete listing, set \`lists: false\``,
  );
  refuseOtherChanges(before, without, expected, `the upstream stopped listing record(${n}) alone`);

  upstream.records = records;
  await trial.load(store);
  const back = compareDocuments(before, await trial.read(store), repeatableOf);
  const difference = describeDifference(back);
  ensure(
    difference === undefined,
    `the upstream lists record(${n}) again, but its document differs from before (${difference}): yield the record whenever the upstream lists it, even if it was loaded before`,
  );
}

/** What an upstream without listings no longer tells of stays as it is: it may be listed all the same. */
export async function checkKept(trial: Trial): Promise<void> {
  const { upstream, records } = trial;
  const n = chooseRecord(trial);
  const store = await trial.openStore();
  await trial.load(store);
  const before = await trial.read(store);
  upstream.records = records.filter((_, index) => index !== n);
  await trial.load(store);
  const { missing, changed } = compareDocuments(before, await trial.read(store), bytesOf);
  const harmed = [...missing, ...changed];
  ensure(
    harmed.length === 0,
    `\`lists: false\` says that the upstream has no complete listing, but the run changed documents because record(${n}) was missing: ${listSome(harmed)}. Leave out \`lists\` on pages, or correct \`lists: false\``,
  );
}

/** An upstream that suddenly lists nothing is broken: nothing changes. */
export async function checkEmptyUpstream(trial: Trial): Promise<void> {
  const { upstream, records } = trial;
  const store = await trial.openStore();
  await trial.load(store);
  const before = await trial.read(store);
  upstream.records = [];
  const { connector } = await trial.run(store);
  await refuseRemovalOfAll(trial, store, before);
  ensure(
    connector.status === "failed",
    `the upstream suddenly lists nothing, but the run ended as ${connector.status} without a warning. Yield the empty listing: core rejects it, and the run fails with advice`,
  );
  upstream.records = records;
  await trial.load(store);
  await refuseRemovalOfAll(trial, store, before);
}

async function refuseRemovalOfAll(trial: Trial, store: Store, before: StoredDocuments): Promise<void> {
  const { missing, changed } = compareDocuments(before, await trial.read(store), bytesOf);
  const harmed = [...missing, ...changed];
  if (harmed.length > 0) {
    throw new ConformanceError(
      `the upstream suddenly listed nothing, and the run changed ${harmed.length} documents: ${listSome(harmed)}. Set \`acceptsRemovals\` only if a person has requested the removals: without it, core rejects a listing that withdraws too much`,
    );
  }
}
