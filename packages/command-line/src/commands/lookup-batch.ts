import { type LookupPlace, lookUpMany } from "@cti-connectors/pivot";
import { type BatchInput, type BatchRow, openBatch } from "../batch/read-batch.js";
import {
  type AnsweredRow,
  type BatchFormat,
  writeAnswerLines,
  writeAnswerTable,
} from "../batch/write-answers.js";
import { type AnswerOptions, answerFromStore } from "../database/answer-from-store.js";
import { joinText, writeToStdout } from "../export/write-text.js";
import { type ExitStatus, exitStatus } from "../process/exit-status.js";
import type { Surroundings } from "../settings/surroundings.js";
import { formatCount, formatNumber } from "../text/format.js";
import { sayOutdated } from "./say-outdated.js";

export interface LookupBatchOptions {
  /** A file of values, or `-`. */
  readonly batch: string;
  readonly column?: string;
  readonly format?: BatchFormat;
  readonly subdomains?: boolean;
}

/** How many values there were, and how many of them something was found for. */
interface Tally {
  values: number;
  found: number;
}

/**
 * Looks up the values of a file or of standard input, and writes an answer for each row to standard output.
 *
 * @param collections where to look
 * @returns `failed` if nothing was found for any of them
 * @throws UsageError where the file or the column does not exist
 */
export function lookupBatch(
  { batch: file, format = "ndjson", column, subdomains = false }: LookupBatchOptions,
  collections: Omit<LookupPlace, "store">,
  from: Omit<AnswerOptions, "access"> & { readonly surroundings: Surroundings },
): Promise<ExitStatus> {
  const { surroundings, terminal } = from;
  const { folder, connectors } = surroundings;
  const names = connectors.map(({ name }) => name);
  return answerFromStore({ ...from, access: "read-once" }, async ({ store }, signal) => {
    await sayOutdated(names, store, surroundings, terminal);
    const input = await openBatch({ file, folder, ...(column !== undefined && { column }) }, signal);
    const tally: Tally = { values: 0, found: 0 };
    const answered = answerRows({ ...collections, store: store.reader }, input, { subdomains, tally });
    const text = format === "csv" ? writeAnswerTable(input, answered) : writeAnswerLines(input, answered);
    if (await writeToStdout(joinText(text), signal)) {
      terminal.say(`Found ${formatNumber(tally.found)} of ${formatCount(tally.values, "value")}.`);
    }
    return tally.found > 0 ? exitStatus.ok : exitStatus.failed;
  });
}

async function* answerRows(
  place: LookupPlace,
  { rows }: BatchInput,
  { subdomains, tally }: { readonly subdomains: boolean; readonly tally: Tally },
): AsyncGenerator<AnsweredRow, void, undefined> {
  const waiting: BatchRow[] = [];
  async function* terms(): AsyncGenerator<string, void, undefined> {
    for await (const row of rows) {
      waiting.push(row);
      yield row.term;
    }
  }
  for await (const answer of lookUpMany(place, terms(), { subdomains })) {
    const row = waiting.shift();
    if (row !== undefined) {
      tally.values += row.term === "" ? 0 : 1;
      tally.found += answer.found ? 1 : 0;
      yield { row, answer };
    }
  }
}
