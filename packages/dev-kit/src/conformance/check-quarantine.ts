import type { JsonObject } from "@cti-connectors/core";
import { ensure, listSome } from "../trial/conformance-error.js";
import {
  bytesOf,
  compareDocuments,
  describeDifference,
  readDocuments,
  repeatableOf,
  writtenForm,
} from "../trial/stored-documents.js";
import type { Trial } from "../trial/trial.js";
import { markOf, markRecords } from "./check-documents.js";

/** Records that cannot be understood go to quarantine with a reason, and the rest is stored. */
export async function checkQuarantine(trial: Trial): Promise<void> {
  const { subject, upstream, records } = trial;
  const all = markRecords([...records, ...[0, 1].map((n) => subject.upstream.record(records.length + n))]);
  const extra = [records.length, records.length + 1];
  /** Two records more than usual: one before all, one in the middle. */
  const arrange = ([first = {}, second = {}]: readonly JsonObject[]) => {
    const middle = Math.floor(records.length / 2);
    return [first, ...records.slice(0, middle), second, ...records.slice(middle)];
  };
  const good = all.slice(records.length);
  const ofAll = await trial.readFresh(arrange(good));
  // The answer to a request that is made because of a record need not hold the record.
  const ofRest = await trial.readFresh(records);
  const isOfExtra = (text: string) => extra.some((n) => text.includes(markOf(n)));
  const expected = new Map(
    [...ofAll].filter(([key, { data }]) => ofRest.has(key) && !isOfExtra(writtenForm(data))),
  );
  // Marked again: `invalid` may build a record from the fields that it knows.
  const invalid = markRecords([...records, ...good.map(subject.upstream.invalid)]).slice(records.length);
  upstream.records = arrange(invalid);

  const store = await trial.openStore();
  const { connector } = await trial.run(store);
  ensure(
    connector.status === "ok",
    `2 of ${upstream.records.length} records are invalid, and the run ended as ${connector.status}: ${connector.reason}. Yield records as received: \`record\` and \`transform\` reject the invalid ones one by one, and core quarantines them. \`extract\` must not parse them`,
  );
  const stored = compareDocuments(expected, await trial.read(store), repeatableOf);
  ensure(
    stored.missing.length + stored.changed.length === 0,
    () =>
      `2 of ${upstream.records.length} records are invalid, and valid ones were not stored as usual (${describeDifference({ ...stored, added: [] })}): yield all records of a page`,
  );
  const quarantined = [...(await readDocuments(store, ["etl_rejected"])).values()];
  const vanished = extra.filter(
    (n) => !quarantined.some(({ raw, reason }) => writtenForm(raw).includes(markOf(n)) && reason !== ""),
  );
  ensure(
    vanished.length === 0,
    `${vanished.length} of 2 invalid records are not in etl_rejected, so nobody notices them. Yield them as received, and let \`record\` or \`transform\` throw. If they were stored, let \`invalid\` return records that fail validation`,
  );
}

/** A record that the upstream lists, but broken, leaves the document of its good days alone. */
export async function checkStoredBeforeInvalid(trial: Trial): Promise<void> {
  const { subject, upstream } = trial;
  const records = markRecords(trial.records);
  const n = Math.floor(records.length / 2);
  upstream.records = records;
  const store = await trial.openStore();
  await trial.load(store);
  const before = await trial.read(store);
  upstream.records = records.map((record, index) =>
    index === n ? subject.upstream.invalid(record) : record,
  );
  // The run may fail: where it asks for what has changed, all that comes is invalid.
  await trial.run(store);
  const own = [...before].filter(([, document]) => writtenForm(document.data).includes(markOf(n)));
  const { missing, changed } = compareDocuments(new Map(own), await trial.read(store), bytesOf);
  const harmed = [...missing, ...changed];
  ensure(
    harmed.length === 0,
    `the upstream lists a record that has become invalid, and its stored document was changed: ${listSome(harmed)}. Take the ids of \`lists\` from the records as received, valid or not`,
  );
}
