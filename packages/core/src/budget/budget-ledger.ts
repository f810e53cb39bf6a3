import type { BudgetState } from "./budget-rules.js";

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
