import { z } from "zod";
import type { ThreatfoxAnswer } from "./threatfox-answer.js";
import type { ThreatfoxRecord } from "./threatfox-record.js";

/** The body of a request; which fields count depends on `query`. */
export const threatfoxRequestSchema = z.looseObject({ query: z.string() });

export interface ThreatfoxDatabase {
  /** What is public now. */
  readonly records: readonly ThreatfoxRecord[];
  /** From when `days` are counted back, in milliseconds since 1970. */
  now(): number;
}

/** One query of the API. */
export type ThreatfoxQuery = (
  database: ThreatfoxDatabase,
  request: Readonly<Record<string, unknown>>,
) => ThreatfoxAnswer;
