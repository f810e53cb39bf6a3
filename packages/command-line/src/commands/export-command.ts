import { baseConfig, parseConfig, type Store } from "@cti-connectors/core/host";
import { iocTypes, threatfoxConfig } from "@cti-connectors/threatfox";
import { answerFromStore } from "../database/answer-from-store.js";
import {
  checkOptions,
  type ExportFormat,
  type ExportOptions,
  readExclusions,
} from "../export/export-options.js";
import { createExportTally, renderExport, showType } from "../export/export-tally.js";
import { writeExport } from "../export/write-export.js";
import { outputFile } from "../files/output-file.js";
import { type ExitStatus, exitStatus, UsageError } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import type { Surroundings } from "../settings/surroundings.js";

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
  const file = outputFile(options.output, folder, "iocs.json");
  const exclusions = await readExclusions(options.exclude ?? [], folder);
  const whenStopped = file === undefined ? "Stopped." : `Stopped: ${stateOf(file, options)}.`;
  return answerFromStore(
    { settings, surroundings, terminal, whenStopped, access: file === undefined ? "read-once" : "read" },
    async ({ store, place }, signal) => {
      const newestAt = await checkStored(store, COLLECTION_NAME, place, command, options.type);
      const tally = createExportTally(newestAt);
      const source = { reader: store.reader, collection: COLLECTION_NAME, exclusions };
      const files = await writeExport({ format, options, ...source, tally }, file, signal);
      if (files === undefined) {
        return exitStatus.failed;
      }
      terminal.say(renderExport(format, tally, files));
      return exitStatus.ok;
    },
  );
}

function stateOf(file: string, { split }: ExportOptions): string {
  return split === undefined ? `${file} is unchanged` : "all files are unchanged";
}

/** Returns when what is stored changed last. */
async function checkStored(
  { database }: Pick<Store, "database">,
  collection: string,
  place: string,
  command: string,
  types: readonly string[] = [],
): Promise<Date | undefined> {
  const iocs = database.collection(collection);
  const newest = await iocs.findOne({}, { projection: { ingested_at: 1 }, sort: { ingested_at: -1 } });
  if (newest === null) {
    throw new Error(
      `Nothing is stored in ${collection} of the ${place}. Load IOCs first: ${command} run threatfox`,
    );
  }
  // An export can be asked for a type of ThreatFox's before an IOC of it is stored.
  const unlisted = types.filter((type) => !iocTypes.includes(type));
  const stored: unknown[] = unlisted.length === 0 ? [] : await iocs.distinct("enriched.indicator.type");
  const unknown = unlisted.find((type) => !stored.includes(type));
  if (unknown !== undefined) {
    const names = stored.filter((name) => typeof name === "string").sort();
    throw new UsageError(
      `There is no IOC of type "${showType(unknown)}". Types there are: ${names.map(showType).join(", ")}.`,
    );
  }
  const newestAt: unknown = newest.ingested_at;
  return newestAt instanceof Date ? newestAt : undefined;
}
