/** A smaller page of which nothing could be stored does not hold the step up: one bad record alone would do so for ever. */
const fewestOfPage = 10;
/** After this many pages in a row of which nothing could be stored, the rest is expected to fail as well. */
const mostHopelessPages = 3;
/** Distinct reasons that are counted. */
const mostReasons = 1_000;

/** So much of what an upstream sent was rejected that the run is not ok. */
export class RecordsRejectedError extends Error {
  override readonly name = "RecordsRejectedError";
}

export type Rejections = ReturnType<typeof countRejections>;

/** Follows how much of a step's records is rejected, and why. */
export function countRejections() {
  const counts = new Map<string, number>();
  let records = 0;
  let rejected = 0;
  let holdsCheckpoint = false;
  let hopelessPages = 0;

  return {
    /** @param reasons one for each record of the page that was rejected */
    addPage(recordsOfPage: number, reasons: readonly string[]): void {
      records += recordsOfPage;
      rejected += reasons.length;
      for (const reason of reasons) {
        if (counts.has(reason) || counts.size < mostReasons) {
          counts.set(reason, (counts.get(reason) ?? 0) + 1);
        }
      }
      const isHopeless = recordsOfPage >= fewestOfPage && reasons.length === recordsOfPage;
      hopelessPages = isHopeless ? hopelessPages + 1 : 0;
      holdsCheckpoint ||= isHopeless;
    },
    /**
     * Whether nothing of a page of at least 10 records could be stored. From then on the step saves no checkpoint: the next run reads that
     * page again.
     */
    get holdsCheckpoint() {
      return holdsCheckpoint;
    },
    /** Whether the step should stop, because nothing of several pages in a row could be stored. */
    get isHopeless() {
      return hopelessPages >= mostHopelessPages;
    },
    /** Why the step is not ok: it holds its checkpoint, or more than half of its records were rejected. */
    fault(): RecordsRejectedError | undefined {
      if (!holdsCheckpoint && rejected <= records / 2) {
        return undefined;
      }
      const [reason = "", times = 0] = [...counts].reduce(
        (most, next) => (next[1] > most[1] ? next : most),
        ["", 0],
      );
      const again = holdsCheckpoint ? "; the next run reads them again" : "";
      return new RecordsRejectedError(
        `${rejected} of ${records} records were rejected${again}. ${times === rejected ? "Reason" : `Most frequent reason (${times} of them)`}: ${reason}. They are kept in etl_rejected`,
      );
    },
  };
}
