/** What a query comes to: `query_status`, and `data` where there is any. */
export interface ThreatfoxAnswer {
  readonly query_status: string;
  readonly data?: unknown;
}

/** A list, or `no_result` with a sentence where a list would be. */
export function answerList(records: readonly unknown[]): ThreatfoxAnswer {
  return records.length === 0
    ? { query_status: "no_result", data: "Your search did not yield any results" }
    : { query_status: "ok", data: records };
}
