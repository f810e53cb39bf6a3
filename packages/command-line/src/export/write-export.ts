import type { StoreReader } from "@cti-connectors/core";
import {
  type ExclusionList,
  type IocSelection,
  readIocs,
  type StixBundleOptions,
  type StoredIoc,
  toMongoFilter,
  writeBlocklists,
  writeCsv,
  writeNdjson,
  writeStixBundle,
  writeStixBundles,
} from "@cti-connectors/threatfox";
import { writeWholeFile } from "../files/write-whole-file.js";
import type { ExportFormat, ExportOptions } from "./export-options.js";
import type { ExportTally } from "./export-tally.js";
import { type FileSeries, writeFileSeries } from "./write-file-series.js";
import { joinText, writeToStdout } from "./write-text.js";

/** What is exported, from where, and who counts. */
export interface Export {
  readonly format: ExportFormat;
  readonly options: ExportOptions;
  readonly reader: StoreReader;
  readonly collection: string;
  readonly exclusions: ExclusionList;
  readonly tally: ExportTally;
}

/** Returns undefined where the reader of standard output stopped reading. */
export async function writeExport(
  task: Export,
  file: string | undefined,
  signal: AbortSignal,
): Promise<FileSeries | undefined> {
  const { split } = task.options;
  if (file !== undefined && split !== undefined) {
    return writeFileSeries(file, writeBundles(task, split), signal);
  }
  const text = joinText(write(task));
  if (file === undefined) {
    return (await writeToStdout(text, signal)) ? { written: [], removed: [] } : undefined;
  }
  await writeWholeFile(file, text, signal);
  return { written: [file], removed: [] };
}

async function* writeBundles(
  task: Export,
  size: number,
): AsyncGenerator<AsyncIterable<string>, void, undefined> {
  for await (const bundle of writeStixBundles(read(task), { size, ...bundleOptions(task) })) {
    yield joinText(bundle);
  }
}

function bundleOptions({ options: { pattern }, tally }: Export): StixBundleOptions {
  return { ...(pattern && { pattern }), onLeftOut: tally.leaveOutOfStix };
}

function write(task: Export): AsyncIterable<string> {
  switch (task.format) {
    case "stix":
      return writeStixBundle(read(task), bundleOptions(task));
    case "csv":
      return writeCsv(read(task));
    case "ndjson": {
      const filter = toMongoFilter(selectionOf(task.options));
      return writeNdjson(pass(task, task.reader.find(task.collection, filter, { sort: { _id: 1 } })));
    }
    case "blocklist":
      return writeLines(task);
  }
}

async function* writeLines(task: Export): AsyncGenerator<string, void, undefined> {
  const { tally } = task;
  const { type = [], includeExpired } = task.options;
  const lines = writeBlocklists(type, (types, orderBy) => read(task, { types, orderBy }), {
    ...(!includeExpired && { expiredBy: new Date() }),
    onLeftOut: tally.leaveOffBlocklist,
  });
  for await (const line of lines) {
    tally.countLine();
    yield line;
  }
}

function selectionOf({ since, type, minConfidence, malware }: ExportOptions): IocSelection {
  return {
    ...(since && { since }),
    ...(type && { types: type }),
    ...(minConfidence !== undefined && { minConfidence }),
    ...(malware && { malware }),
  };
}

function read(
  task: Export,
  { types, ...order }: { readonly types?: readonly string[]; readonly orderBy?: string } = {},
): AsyncIterable<StoredIoc> {
  const { reader, collection, options, tally } = task;
  const selection = { ...selectionOf(options), ...(types && { types }) };
  return pass(
    task,
    readIocs({ reader, collection, selection, ...order, onUnreadable: tally.leaveOutUnreadable }),
  );
}

/** Counts documents and leaves out those that the user excludes. */
async function* pass<Read extends { readonly ingested_at?: unknown }>(
  { exclusions, tally }: Export,
  documents: AsyncIterable<Read>,
): AsyncGenerator<Read, void, undefined> {
  for await (const document of tally.count(documents)) {
    if (exclusions.excludes(document)) {
      tally.leaveOutExcluded();
    } else {
      yield document;
    }
  }
}
