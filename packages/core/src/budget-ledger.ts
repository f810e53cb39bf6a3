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

/** Where a request budget is remembered from one run to the next. Plain JSON goes in and comes out. */
export interface BudgetLedger {
  /** What was saved under this key; undefined where nothing was. The budget validates it. */
  load(key: string): Promise<unknown>;
  save(key: string, state: BudgetState): Promise<void>;
}
