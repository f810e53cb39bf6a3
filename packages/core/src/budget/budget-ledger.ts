import { z } from "zod";

/**
 * What is remembered of a request budget. Times are milliseconds since the epoch. A part that makes no sense is left
 * out, so that a damaged record costs one 429 at most and no run.
 */
export const budgetState = z
  .object({
    /** When requests were sent, oldest first. */
    sentAt: z.array(z.number()).catch(() => []),
    /** Until when the upstream asked us, by a 429, to send nothing. */
    throttledUntil: z.number().optional().catch(undefined),
    /** A limit that a 429 has shown. */
    learned: z
      .object({
        requests: z.number().int().min(1),
        /** Requests sent from then on count. */
        since: z.number(),
        /** Then the limit is forgotten. */
        until: z.number(),
      })
      .optional()
      .catch(undefined),
  })
  .catch(() => ({ sentAt: [] }));

export type BudgetState = z.output<typeof budgetState>;

/** What a ledger has, at one moment. */
interface LedgerEntry {
  /** What was saved; undefined where nothing was. The budget validates it. */
  readonly state: unknown;
  readonly version: LedgerVersion;
}

/** Changes with everything that is saved. Only the ledger looks into it. */
export interface LedgerVersion {
  readonly revision: unknown;
  /** Whether there is a list of requests to add to. */
  readonly hasRequests: boolean;
}

interface LedgerChange {
  /** From which the change was made. */
  readonly since: LedgerVersion;
  /** The last of `sentAt` is new, and nothing else is, apart from older ones being left out. */
  readonly addsRequest: boolean;
}

/** Where a request budget is remembered from one run to the next, and shared by runs that go on at once. Plain JSON goes in and comes out. */
export interface BudgetLedger {
  load(key: string): Promise<LedgerEntry>;
  /**
   * Saves a state unless another one was saved meanwhile, so that no request is forgotten and none is counted too late.
   *
   * @returns undefined where another one was: nothing is saved then
   */
  save(key: string, state: BudgetState, change: LedgerChange): Promise<LedgerVersion | undefined>;
}
