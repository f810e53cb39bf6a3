import type { StoreReader } from "@cti-connectors/core";
import {
  blocklistOrder,
  type ExclusionList,
  type IocSelection,
  readIocs,
  type StixBundleOptions,
  type StoredIoc,
  toMongoFilter,
  writeBlocklist,
  writeCsv,
  writeNdjson,
  writeStixBundle,
  writeStixBundles,
} from "@cti-connectors/threatfox";
import type { ExportFormat, ExportOptions } from "./export-options.js";
import type { ExportTally } from "./export-tally.js";
import { type FileSeries, writeFileSeries } from "./write-file-series.js";
import { joinText, writeToStdout } from "./write-text.js";
import { writeWholeFile } from "./write-whole-file.js";

export interface IocSource {
  readonly reader: StoreReader;
  readonly collection: string;
  readonly exclusions: ExclusionList;
}

/** Returns undefined where the reader of standard output stopped reading. */
export async function writeExport(
  format: ExportFormat,
  source: IocSource,
  options: ExportOptions,
  tally: ExportTally,
  file: string | undefined,
  signal: AbortSignal,
): Promise<FileSeries | undefined> {
  if (file !== undefined && options.split !== undefined) {
    return writeFileSeries(file, writeBundles(source, options, options.split, tally), signal);
  }
  const text = joinText(write(format, source, options, tally));
  if (file === undefined) {
    return (await writeToStdout(text, signal)) ? { written: [], removed: [] } : undefined;
  }
  await writeWholeFile(file, text, signal);
  return { written: [file], removed: [] };
}

async function* writeBundles(
  source: IocSource,
  options: ExportOptions,
  size: number,
  tally: ExportTally,
): AsyncGenerator<AsyncIterable<string>, void, undefined> {
  const iocs = read(source, selectionOf(options), tally);
  for await (const bundle of writeStixBundles(iocs, { size, ...bundleOptions(options, tally) })) {
    yield joinText(bundle);
  }
}

function bundleOptions({ pattern }: ExportOptions, tally: ExportTally): StixBundleOptions {
  return { ...(pattern && { pattern }), onLeftOut: tally.leaveOutOfStix };
}

function write(
  format: ExportFormat,
  source: IocSource,
  options: ExportOptions,
  tally: ExportTally,
): AsyncIterable<string> {
  const selection = selectionOf(options);
  switch (format) {
    case "stix":
      return writeStixBundle(read(source, selection, tally), bundleOptions(options, tally));
    case "csv":
      return writeCsv(read(source, selection, tally));
    case "ndjson":
      return writeNdjson(
        pass(
          source.reader.find(source.collection, toMongoFilter(selection), { sort: { _id: 1 } }),
          source.exclusions,
          tally,
        ),
      );
    case "blocklist":
      return writeBlocklists(source, selection, options, tally);
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
  { reader, collection, exclusions }: IocSource,
  selection: IocSelection,
  tally: ExportTally,
  orderBy?: string,
): AsyncIterable<StoredIoc> {
  const iocs = readIocs({
    reader,
    collection,
    selection,
    ...(orderBy !== undefined && { orderBy }),
    onUnreadable: tally.leaveOutUnreadable,
  });
  return pass(iocs, exclusions, tally);
}

/** Counts documents and leaves out those that the user excludes. */
async function* pass<Read extends { readonly ingested_at?: unknown }>(
  documents: AsyncIterable<Read>,
  exclusions: ExclusionList,
  tally: ExportTally,
): AsyncGenerator<Read, void, undefined> {
  for await (const document of tally.count(documents)) {
    if (exclusions.excludes(document)) {
      tally.leaveOutExcluded();
    } else {
      yield document;
    }
  }
}

async function* writeBlocklists(
  source: IocSource,
  selection: IocSelection,
  { type = [], includeExpired }: ExportOptions,
  tally: ExportTally,
): AsyncGenerator<string, void, undefined> {
  const expiredBy = includeExpired ? undefined : new Date();
  for (const order of new Set(type.map(blocklistOrder))) {
    const types = type.filter((one) => blocklistOrder(one) === order);
    const iocs = read(source, { ...selection, types }, tally, order);
    const lines = writeBlocklist(iocs, {
      ...(expiredBy && { expiredBy }),
      onLeftOut: tally.leaveOffBlocklist,
    });
    for await (const line of lines) {
      tally.countLine();
      yield line;
    }
  }
}
