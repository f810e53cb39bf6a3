import { z } from "zod";
import { answerList } from "./threatfox-answer.js";
import type { ThreatfoxQuery } from "./threatfox-query.js";

const hashSchema = z
  .string()
  .regex(/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i)
  .toLowerCase();

/** The IOCs of a file, by its MD5 or SHA256. The sandbox knows no samples beyond the hashes that are IOCs. */
export const searchHash: ThreatfoxQuery = (database, request) => {
  const hash = hashSchema.safeParse(request.hash);
  if (!hash.success) {
    return { query_status: "illegal_hash", data: "Expected an MD5 or SHA256 hash" };
  }
  return answerList(database.records.filter(({ ioc }) => ioc.toLowerCase() === hash.data));
};
