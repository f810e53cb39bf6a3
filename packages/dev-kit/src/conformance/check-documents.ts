import type { JsonObject } from "@cti-connectors/core";
import type { FoundDocument } from "@cti-connectors/core/testing";
import { ConformanceError, ensure, listSome } from "../trial/conformance-error.js";
import {
  compareDocuments,
  describeDifference,
  repeatableOf,
  writtenForm,
} from "../trial/stored-documents.js";
import { countPages, type Trial } from "../trial/trial.js";

/** Every record becomes a document with the whole envelope. */
export async function checkEnvelope(trial: Trial): Promise<void> {
  const { subject, configured } = trial;
  const store = await trial.openStore();
  const told = await trial.load(store);
  const documents = await trial.read(store);
  const rejected = told.connector.steps.reduce((sum, step) => sum + step.rejected, 0);
  ensure(
    rejected === 0,
    () => `${rejected} of the suite's valid records were rejected: ${reasonIn(told.lines)}`,
  );
  ensure(
    documents.size > 0,
    "the run was ok, but no document is stored: `extract` must yield pages with records",
  );
  for (const [key, document] of documents) {
    const fault = findEnvelopeFault(document, told.report.runId);
    ensure(fault === undefined, `${key}: ${fault}`);
  }
  const [pages, least] = [countPages(told), subject.pages ?? 1];
  ensure(
    pages >= least,
    `the run read ${pages} page(s) with records, but \`pages\` promises ${least}: set a smaller page size in \`settings\`, raise \`records\`, or correct \`pages\`. If those are right, a page is lost`,
  );
  const empty = configured.steps.flatMap(({ collection }) =>
    collection === undefined || [...documents.keys()].some((key) => key.startsWith(`${collection.name}/`))
      ? []
      : [collection.name],
  );
  ensure(
    empty.length === 0,
    `nothing is stored in ${listSome(empty)}: let \`answer\` serve the data that its step reads`,
  );
}

function findEnvelopeFault(document: FoundDocument, runId: string): string | undefined {
  const { data, enriched, ingested_at, first_ingested_at, run_id, content_hash } = document;
  const { removed_at, removed_reason } = document;
  if (removed_reason === "withdrawn") {
    return "is marked as withdrawn after the first run, although the upstream lists it. A listing must name everything that the upstream has, not only what is on one page: collect the ids of all pages, and set `lists` on the last one. Its ids are those that `transform` returns as `_id`";
  }
  const faults = [
    ...(data === undefined ? ["data is missing"] : []),
    ...(typeof enriched === "object" && enriched !== null ? [] : ["enriched is not an object"]),
    ...(ingested_at instanceof Date ? [] : ["ingested_at is not a date"]),
    ...(first_ingested_at instanceof Date ? [] : ["first_ingested_at is not a date"]),
    ...(run_id === runId ? [] : ["run_id is not the id of the run"]),
    ...(typeof content_hash === "string" ? [] : ["content_hash is not a string"]),
    ...(removed_at === undefined ? ["removed_at is missing"] : []),
  ];
  return faults.length === 0 ? undefined : `${faults.join(", ")} (see "Documents" in core's README)`;
}

function reasonIn(lines: readonly string[]): string {
  return lines.find((line) => line.includes('"rejected"'))?.trim() ?? "see etl_rejected";
}

/** The field that the suite adds to a record, as an upstream would that has something new to tell. */
const addedField = "x_conformance_suite";

/** Adds a text of its own to each record. */
export function markRecords(records: readonly JsonObject[]): readonly JsonObject[] {
  return records.map((record, n) => ({ ...record, [addedField]: markOf(n) }));
}

export function markOf(n: number): string {
  return `added to record ${n}.`;
}

/** What a record holds beyond its schema is in `data`, and no record is left out. */
export async function checkNothingIsLost(trial: Trial): Promise<void> {
  const documents = await trial.readFresh(markRecords(trial.records));
  const data = [...documents.values()].map((document) => writtenForm(document.data));
  const lost = trial.records.flatMap((_, n) => (data.some((text) => text.includes(markOf(n))) ? [] : [n]));
  if (lost.length === 0) {
    return;
  }
  const all = trial.records.length;
  if (lost.length === all) {
    throw new ConformanceError(
      `a field that the upstream adds to its records (${addedField}) is in no document's \`data\`: the record schema strips unknown fields. Leave \`data\` out of what \`transform\` returns: core then stores the record as received. If you return your own \`data\`, use z.looseObject`,
    );
  }
  throw new ConformanceError(
    `${lost.length} of ${all} records are in no document: ${listSome(lost.map((n) => `record(${n})`))}. ${
      lost.includes(all - 1)
        ? "They are the last ones: yield the last page too, even if the upstream says that nothing follows"
        : "Yield every record of every page"
    }`,
  );
}

/** The same records make the same documents in another database. */
export async function checkSameDocuments(trial: Trial): Promise<void> {
  const [one, other] = [await trial.readFresh(trial.records), await trial.readFresh(trial.records)];
  const ids = describeDifference({ ...compareDocuments(one, other, repeatableOf), changed: [] });
  ensure(
    ids === undefined,
    `the same records have different _ids in another database (${ids}). Derive \`_id\` from what identifies the record at the upstream, never from random values, the time or a counter`,
  );
  const difference = describeDifference(compareDocuments(one, other, repeatableOf));
  ensure(
    difference === undefined,
    `the same records result in different documents in another database (${difference}): what \`transform\` returns must depend only on the record`,
  );
  const reversed = await trial.readFresh(trial.records.toReversed());
  const moved = describeDifference(compareDocuments(one, reversed, repeatableOf));
  ensure(
    moved === undefined,
    `the same records in reverse order result in different documents (${moved}): do not store a record's position or a counter`,
  );
}
