import { type BreakingPoint, breakOffAt } from "@cti-connectors/core/testing";
import { ensure } from "../trial/conformance-error.js";
import {
  compareDocuments,
  type Difference,
  describeDifference,
  repeatableOf,
  type StoredDocuments,
  writtenForm,
} from "../trial/stored-documents.js";
import type { Trial } from "../trial/trial.js";

/** What a run is that nothing disturbs. */
interface WholeRun {
  readonly documents: StoredDocuments;
  readonly pages: number;
  readonly requests: number;
}

/** A run that was killed with a page in hand: the page comes again. */
export async function checkLostPage(trial: Trial): Promise<void> {
  await checkPages(trial, "before the documents of", (pages) => [
    ...new Set([1, Math.ceil(pages / 2), pages]),
  ]);
}

/** A run that was killed after a page was stored and before its checkpoint was: the page comes again, and changes nothing. */
export async function checkCrash(trial: Trial): Promise<void> {
  await checkPages(trial, "before the checkpoint of", everyPage);
}

/** After a run is killed once a page and its checkpoint are stored, the next run resumes there. */
export async function checkResume(trial: Trial): Promise<void> {
  await checkPages(trial, "after", everyPage);
}

const everyPage = (pages: number) => Array.from({ length: pages }, (_, index) => index + 1);

async function checkPages(
  trial: Trial,
  point: BreakingPoint,
  choose: (pages: number) => readonly number[],
): Promise<void> {
  const store = await trial.openStore();
  const { events, received } = await trial.load(store);
  const pages = events.filter(({ type }) => type === "page-loaded").length;
  const whole = { documents: await trial.read(store), pages, requests: received };
  for (const page of choose(pages)) {
    await checkPage(trial, page, point, whole);
  }
}

async function checkPage(
  trial: Trial,
  page: number,
  point: BreakingPoint,
  { documents, pages, requests }: WholeRun,
): Promise<void> {
  const store = await trial.openStore();
  const where = `${point} page ${page} of ${pages}`;
  await trial.run(store, breakOffAt(page, point));
  const before = await trial.read(store);
  const resumed = await trial.load(store);
  const after = await trial.read(store);
  const found = compareDocuments(documents, after, repeatableOf);
  const difference = describeDifference(found);
  ensure(
    difference === undefined,
    `a run killed ${where}, followed by another run, does not result in the documents of a single run (${difference}). ${explainDifference(found, point)}`,
  );
  const repeated = [...before].flatMap(([key, document]) => {
    const now = after.get(key) ?? {};
    const isSame = writtenForm(repeatableOf(document)) === writtenForm(repeatableOf(now));
    return isSame && writtenForm(document) !== writtenForm(now) ? [key] : [];
  });
  ensure(
    repeated.length === 0,
    `after a run was killed ${where}, the next one rewrote stored documents that had not changed: ${repeated[0]}`,
  );
  const startsOver = point === "after" && page === pages - 1 && resumed.received >= requests && requests > 1;
  ensure(
    !startsOver || trial.subject.answersAtOnce === true,
    `a run does not resume after it was killed ${where}: the next one sent ${resumed.received} requests, a whole run sends ${requests}. Yield each page with a \`checkpoint\` that says where the next page starts, and resume from \`checkpoint\` in \`extract\`. If one answer has all pages, set \`answersAtOnce: true\``,
  );
}

function explainDifference({ missing, added, field }: Difference, point: BreakingPoint): string {
  if (missing.length + added.length === 0 && field === "removed") {
    return "A run that resumes has not seen the pages before its checkpoint: keep their ids in the checkpoint and add them to `lists`, or leave out `lists` in that run";
  }
  return point === "after"
    ? "The checkpoint is ahead of what is stored: yield it with the page whose records it covers, never with an earlier one"
    : "The page must be read again, because its checkpoint was not saved: keep progress in the checkpoint only, never in a file or a module variable";
}
