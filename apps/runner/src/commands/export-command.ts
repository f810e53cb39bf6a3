import { resolve } from "node:path";
import { baseConfig, parseConfig, type Store, type StoreReader } from "@cti-connectors/core";
import {
  blocklistOrder,
  type IocSelection,
  readIocs,
  type StoredIoc,
  threatfoxConfig,
  toMongoFilter,
  writeBlocklist,
  writeCsv,
  writeNdjson,
  writeStixBundle,
} from "@cti-connectors/threatfox";
import { type ExitStatus, exitStatus } from "../exit-status.js";
import { createExportTally, type ExportTally } from "../export-tally.js";
import { joinText } from "../join-text.js";
import { openRunnerStore } from "../open-runner-store.js";
import { renderExport } from "../report/render-export.js";
import { showType } from "../show-type.js";
import type { Surroundings } from "../surroundings.js";
import type { Terminal } from "../terminal.js";
import { UsageError } from "../usage-error.js";
import { watchInterruption } from "../watch-interruption.js";
import { writeToStdout } from "../write-to-stdout.js";
import { writeWholeFile } from "../write-whole-file.js";

export const exportFormats = ["stix", "csv", "ndjson", "blocklist"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  /** A file; absent or `-`: standard output. */
  readonly output?: string;
  readonly since?: Date;
  readonly type?: readonly string[];
  readonly minConfidence?: number;
  readonly malware?: readonly string[];
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
 * @throws UsageError where options do not fit, a type is unknown, or the file cannot be written
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 * @throws Error where no IOC is stored
 */
export async function exportCommand(
  format: ExportFormat,
  options: ExportOptions,
  { environment, dataFolder, folder }: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  checkOptions(format, options);
  const { COLLECTION_NAME } = parseConfig(threatfoxConfig.pick({ COLLECTION_NAME: true }), environment);
  const settings = parseConfig(baseConfig, environment);
  const file =
    options.output === undefined || options.output === "-" ? undefined : resolve(folder, options.output);
  const interruption = watchInterruption(() => undefined);
  try {
    const opened = await openRunnerStore(settings, dataFolder);
    try {
      const source = { reader: opened.store.reader, collection: COLLECTION_NAME };
      const newestAt = await checkStored(opened.store, COLLECTION_NAME, opened.place, options.type);
      const tally = createExportTally(newestAt);
      const text = joinText(write(format, source, options, tally));
      if (file !== undefined) {
        await writeWholeFile(file, text, interruption.signal);
      } else if (!(await writeToStdout(text, interruption.signal))) {
        return exitStatus.failed;
      }
      terminal.say(renderExport(format, tally, file));
      return exitStatus.ok;
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (interruption.signal.aborted) {
      terminal.say(file === undefined ? "Stopped." : `Stopped: ${file} is as it was.`);
      return exitStatus.interrupted;
    }
    throw error;
  } finally {
    interruption.dispose();
  }
}

function checkOptions(format: ExportFormat, { type, includeExpired }: ExportOptions): void {
  if (format === "blocklist" && type === undefined) {
    throw new UsageError(
      `A blocklist is of one kind, so say which with --type: ${knownTypes.join(", ")}. "ip:port" lists IP addresses.`,
    );
  }
  if (format !== "blocklist" && includeExpired) {
    throw new UsageError(`--include-expired is for blocklists: ${format} has expired IOCs in any case.`);
  }
}

interface IocSource {
  readonly reader: StoreReader;
  readonly collection: string;
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
      return writeStixBundle(read(source, selection, tally), { onLeftOut: tally.leaveOutOfStix });
    case "csv":
      return writeCsv(read(source, selection, tally));
    case "ndjson":
      return writeNdjson(
        tally.count(source.reader.find(source.collection, toMongoFilter(selection), { sort: { _id: 1 } })),
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
  source: IocSource,
  selection: IocSelection,
  tally: ExportTally,
  orderBy?: string,
): AsyncIterable<StoredIoc> {
  return tally.count(
    readIocs({
      ...source,
      selection,
      ...(orderBy !== undefined && { orderBy }),
      onUnreadable: tally.leaveOutUnreadable,
    }),
  );
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
      `Nothing is stored in ${collection} of the ${place}. Load IOCs first: pnpm --filter runner start run threatfox`,
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
