import type { BlocklistOmission, StoredIoc } from "@cti-connectors/threatfox";
import { showType } from "../text/show-type.js";

/** Counts what an export writes and what it leaves out. Its functions can be passed on alone. */
export interface ExportTally {
  /** IOCs that are in what was written. */
  readonly exported: number;
  /** Lines of a blocklist. */
  readonly lines: number;
  /** How many are not, by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
  /**
   * When what was read changed last, as far as nothing can have changed before that and behind the reader's back. Where nothing was
   * read: when what is stored had changed last as the export began.
   */
  readonly newestAt: Date | undefined;
  /** Passes documents on and counts them. */
  count<Read extends { readonly ingested_at?: unknown }>(documents: AsyncIterable<Read>): AsyncIterable<Read>;
  countLine(): void;
  leaveOutOfStix(ioc: StoredIoc): void;
  leaveOffBlocklist(ioc: StoredIoc, reason: BlocklistOmission): void;
  /** By the user's own list. */
  leaveOutExcluded(): void;
  leaveOutUnreadable(): void;
}

const blocklistReasons: Readonly<Record<BlocklistOmission, string>> = {
  expired: "expired (--include-expired lists them)",
  malformed: "malformed",
  "special-address": "private or reserved by address (10.0.0.0/8, 100.64.0.0/10, fe80::/10 …)",
  "special-name": "private or reserved by name (localhost, .local, .lan …)",
  unlistable: "no value that fits on a line of its own",
};

/**
 * @param newestBefore when what is stored had changed last as the export began. What changes while it is read can come too late to be
 *   in it, although something that changed later is.
 */
export function createExportTally(newestBefore?: Date): ExportTally {
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
    get exported() {
      return exported;
    },
    get lines() {
      return lines;
    },
    get newestAt() {
      const isEarlier = newestAt !== undefined && (newestBefore === undefined || newestAt <= newestBefore);
      return isEarlier ? newestAt : newestBefore;
    },
    leftOut,
    async *count(documents) {
      for await (const document of documents) {
        exported += 1;
        const { ingested_at } = document;
        if (ingested_at instanceof Date && (newestAt === undefined || ingested_at > newestAt)) {
          newestAt = ingested_at;
        }
        yield document;
      }
    },
    countLine() {
      lines += 1;
    },
    leaveOutOfStix({ enriched: { indicator } }) {
      leaveOut(
        indicator.problem === undefined
          ? `of type ${showType(indicator.type ?? "null")}, for which STIX has no pattern`
          : "malformed",
      );
    },
    leaveOffBlocklist: (_ioc, reason) => leaveOut(blocklistReasons[reason]),
    leaveOutExcluded: () => leaveOut("excluded by --exclude"),
    leaveOutUnreadable: () => tell("not stored as this version stores IOCs"),
  };
}
