import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { baseConfig, parseConfig, type Store, type StoreReader } from "@cti-connectors/core";
import {
  blocklistOrder,
  type ExclusionList,
  ExclusionListError,
  type IocSelection,
  type PatternStyle,
  parseExclusionLists,
  readIocs,
  type StixBundleOptions,
  type StoredIoc,
  threatfoxConfig,
  toMongoFilter,
  writeBlocklist,
  writeCsv,
  writeNdjson,
  writeStixBundle,
  writeStixBundles,
} from "@cti-connectors/threatfox";
import { answerFromStore } from "../database/answer-from-store.js";
import { createExportTally, type ExportTally, renderExport } from "../export/export-tally.js";
import { type FileSeries, writeFileSeries } from "../export/write-file-series.js";
import { joinText, writeToStdout } from "../export/write-text.js";
import { writeWholeFile } from "../export/write-whole-file.js";
import { type ExitStatus, exitStatus, UsageError } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { expandPath } from "../settings/expand-path.js";
import type { Surroundings } from "../settings/surroundings.js";
import { showType } from "../text/show-type.js";

export const exportFormats = ["stix", "csv", "ndjson", "blocklist"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  /** A file; absent or `-`: standard output. */
  readonly output?: string;
  readonly since?: Date;
  readonly type?: readonly string[];
  readonly minConfidence?: number;
  readonly malware?: readonly string[];
  /** Files of hosts that are in no export. */
  readonly exclude?: readonly string[];
  /** Of STIX: how patterns of `ip:port` are written. */
  readonly pattern?: PatternStyle;
  /** Of STIX: how many indicators a bundle holds, each in a file of its own. */
  readonly split?: number;
  /** Of a blocklist: list what has expired, too. */
  readonly includeExpired?: boolean;
}

/** ThreatFox's IOC types that an export can be asked for before one is stored. */
const knownTypes = [
  ...["ip:port", "domain", "url", "envelope_from", "body_from"],
  ...["md5_hash", "sha1_hash", "sha256_hash", "sha3_384_hash"],
];

/**
 * Writes the stored IOCs of ThreatFox to a file or to standard output.
 *
 * @throws UsageError where options do not fit, a type is unknown, a list of exclusions is wrong, or the file cannot be written
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 * @throws Error where no IOC is stored
 */
export async function exportCommand(
  format: ExportFormat,
  options: ExportOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { command, environment, folder } = surroundings;
  checkOptions(format, options);
  const { COLLECTION_NAME } = parseConfig(threatfoxConfig.pick({ COLLECTION_NAME: true }), environment);
  const settings = parseConfig(baseConfig, environment);
  const file =
    options.output === undefined || options.output === "-"
      ? undefined
      : resolve(folder, expandPath("--output", options.output));
  const exclusions = await readExclusions(options.exclude ?? [], folder);
  const whenStopped = file === undefined ? "Stopped." : `Stopped: ${stateOf(file, options)}.`;
  return answerFromStore(
    { settings, surroundings, terminal, whenStopped },
    async ({ store, place }, signal) => {
      const source = { reader: store.reader, collection: COLLECTION_NAME, exclusions };
      const newestAt = await checkStored(store, COLLECTION_NAME, place, command, options.type);
      const tally = createExportTally(newestAt);
      const files = await writeExport(format, source, options, tally, file, signal);
      if (files === undefined) {
        return exitStatus.failed;
      }
      terminal.say(renderExport(format, tally, files));
      return exitStatus.ok;
    },
  );
}

function stateOf(file: string, { split }: ExportOptions): string {
  return split === undefined ? `${file} is as it was` : "all files are as they were";
}

function checkOptions(format: ExportFormat, options: ExportOptions): void {
  const { type, includeExpired, pattern, split, output } = options;
  if (format === "blocklist" && type === undefined) {
    throw new UsageError(
      `A blocklist holds one kind of indicator: choose it with --type: ${knownTypes.join(", ")}. "ip:port" lists IP addresses.`,
    );
  }
  if (format !== "blocklist" && includeExpired) {
    throw new UsageError(`--include-expired is for blocklists: ${format} has expired IOCs in any case.`);
  }
  if (format !== "stix" && (pattern !== undefined || split !== undefined)) {
    throw new UsageError(
      `${pattern === undefined ? "--split" : "--pattern"} is for stix only, not for ${format}.`,
    );
  }
  if (split !== undefined && (output === undefined || output === "-")) {
    throw new UsageError(
      "--split writes several files: say where with -o. For -o iocs.json they are iocs-0001.json, iocs-0002.json and so on.",
    );
  }
  if (output !== undefined && /^$|[/\\]$/.test(output)) {
    throw new UsageError(
      `-o ${JSON.stringify(output)} names no file: write one, such as -o ${output}iocs.json.`,
    );
  }
}

async function readExclusions(files: readonly string[], folder: string): Promise<ExclusionList> {
  const read = async (file: string) => {
    const path = resolve(folder, expandPath("--exclude", file));
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`--exclude: ${path} cannot be read: ${reason}.`, { cause: error });
    });
    return { name: path, text };
  };
  try {
    return parseExclusionLists(await Promise.all(files.map(read)));
  } catch (error) {
    throw error instanceof ExclusionListError ? new UsageError(error.message, { cause: error }) : error;
  }
}

interface IocSource {
  readonly reader: StoreReader;
  readonly collection: string;
  readonly exclusions: ExclusionList;
}

/** Returns undefined where the reader of standard output stopped reading. */
async function writeExport(
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

/** Returns when what is stored changed last. */
async function checkStored(
  { database, reader }: Pick<Store, "database" | "reader">,
  collection: string,
  place: string,
  command: string,
  types: readonly string[] = [],
): Promise<Date | undefined> {
  const [newest] = await database
    .collection(collection)
    .find({}, { projection: { ingested_at: 1 } })
    .sort({ ingested_at: -1 })
    .limit(1)
    .toArray();
  if (newest === undefined) {
    throw new Error(
      `Nothing is stored in ${collection} of the ${place}. Load IOCs first: ${command} run threatfox`,
    );
  }
  for (const type of types) {
    if (
      !knownTypes.includes(type) &&
      !(await isStored(reader, collection, toMongoFilter({ types: [type] })))
    ) {
      const stored: unknown[] = await database.collection(collection).distinct("enriched.indicator.type");
      const names = stored.filter((name) => typeof name === "string").sort();
      throw new UsageError(
        `There is no IOC of type "${showType(type)}". Types there are: ${names.map(showType).join(", ")}.`,
      );
    }
  }
  const newestAt: unknown = newest.ingested_at;
  return newestAt instanceof Date ? newestAt : undefined;
}

async function isStored(
  reader: StoreReader,
  collection: string,
  filter: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  for await (const _ of reader.find(collection, filter, { projection: { _id: 1 } })) {
    return true;
  }
  return false;
}
