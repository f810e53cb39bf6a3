import { z } from "zod";
import { answerList } from "./threatfox-answer.js";
import type { ThreatfoxQuery } from "./threatfox-query.js";
import { parseThreatfoxDate } from "./threatfox-record.js";

const dayMs = 86_400_000;
const daysSchema = z.coerce.number().int().min(1).max(7).default(3);

/** The IOCs that were first seen in the last `days` days (1 to 7, default 3). */
export const getIocs: ThreatfoxQuery = (database, request) => {
  const days = daysSchema.safeParse(request.days);
  if (!days.success) {
    return { query_status: "illegal_days", data: "Expected a number of days between 1 and 7" };
  }
  const since = database.now() - days.data * dayMs;
  return answerList(database.records.filter(({ first_seen }) => parseThreatfoxDate(first_seen) >= since));
};
