import { basename } from "node:path";
import { oneLine } from "@cti-connectors/core";
import type { BlocklistOmission, StoredIoc } from "@cti-connectors/threatfox";
import { formatCount } from "../text/format.js";
import type { ExportFormat } from "./export-options.js";
import type { FileSeries } from "./write-file-series.js";

/** Its functions can be passed on alone. */
export type ExportTally = ReturnType<typeof createExportTally>;

const longestType = 60;

/** An IOC type as the upstream named it, for people: on one line, and cut. */
export function showType(type: string): string {
  return oneLine(type, longestType);
}

const blocklistReasons: Readonly<Record<BlocklistOmission, string>> = {
  expired: "expired (--include-expired includes them)",
  malformed: "malformed",
  "special-address": "private or reserved address (10.0.0.0/8, 100.64.0.0/10, fe80::/10 …)",
  "special-name": "private or reserved name (localhost, .local, .lan …)",
  unlistable: "the value does not fit on one line",
};

/**
 * Counts what an export writes and what it leaves out.
 *
 * @param newestBefore when what is stored had changed last as the export began. What changes while it is read can come too late to be
 *   in it, although something that changed later is.
 */
export function createExportTally(newestBefore?: Date) {
  const leftOut = new Map<string, number>();
  let exported = 0;
  let lines = 0;
  let newestAt: Date | undefined;

  function tell(reason: string): void {
    leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
  }

  function leaveOut(reason: string): void {
    exported -= 1;
    tell(reason);
  }

  return {
    /** IOCs that are in what was written. */
    get exported() {
      return exported;
    },
    /** Lines of a blocklist. */
    get lines() {
      return lines;
    },
    /**
     * When what was read changed last, as far as nothing can have changed before that and behind the reader's back. Where nothing was
     * read: when what is stored had changed last as the export began.
     */
    get newestAt() {
      const isEarlier = newestAt !== undefined && (newestBefore === undefined || newestAt <= newestBefore);
      return isEarlier ? newestAt : newestBefore;
    },
    /** How many are not, by reason. */
    leftOut,
    /** Passes documents on and counts them. */
    async *count<Read extends { readonly ingested_at?: unknown }>(
      documents: AsyncIterable<Read>,
    ): AsyncIterable<Read> {
      for await (const document of documents) {
        exported += 1;
        const { ingested_at } = document;
        if (ingested_at instanceof Date && (newestAt === undefined || ingested_at > newestAt)) {
          newestAt = ingested_at;
        }
        yield document;
      }
    },
    countLine(): void {
      lines += 1;
    },
    leaveOutOfStix({ enriched: { indicator } }: StoredIoc): void {
      leaveOut(
        indicator.problem === undefined
          ? `STIX has no pattern for the type ${showType(indicator.type ?? "null")}`
          : "malformed",
      );
    },
    leaveOffBlocklist: (_ioc: StoredIoc, reason: BlocklistOmission) => leaveOut(blocklistReasons[reason]),
    /** What the user's own list excludes. */
    leaveOutExcluded: () => leaveOut("excluded by --exclude"),
    leaveOutUnreadable: () => tell("this version cannot read the stored document"),
  };
}

/**
 * What an export wrote, what it left out and why, and where the next one can begin: for people.
 *
 * Without a file, it went to standard output.
 */
export function renderExport(
  format: ExportFormat,
  { exported, lines, leftOut, newestAt }: Pick<ExportTally, "exported" | "lines" | "leftOut" | "newestAt">,
  { written, removed }: FileSeries,
): string {
  const what =
    format === "blocklist"
      ? `${formatCount(lines, "line")} from ${formatCount(exported, "IOC")}`
      : formatCount(exported, "IOC");
  return [
    `Exported ${what}${written.length === 0 ? "" : ` to ${describeFiles(written)}`}.`,
    ...(removed.length === 0
      ? []
      : [`Removed files of an earlier, longer export: ${describeFiles(removed)}.`]),
    ...[...leftOut].map(([reason, count]) => `Skipped ${formatCount(count, "IOC")}: ${reason}.`),
    ...(newestAt === undefined ? [] : [`For the next incremental export: --since ${newestAt.toISOString()}`]),
  ].join("\n");
}

function describeFiles(files: readonly string[]): string {
  const [first = "", last = first] = [files[0], files.at(-1)];
  return files.length === 1 ? first : `${formatCount(files.length, "file")}, ${first} to ${basename(last)}`;
}
