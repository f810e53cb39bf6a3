import { z } from "zod";
import type { ThreatfoxQuery } from "./threatfox-query.js";

const idSchema = z.union([z.string(), z.number()]).transform(String).pipe(z.string().regex(/^\d+$/));

/** One IOC by its id, with the fields that only this query shows. */
export const getIoc: ThreatfoxQuery = (database, request) => {
  const id = idSchema.safeParse(request.id);
  if (!id.success) {
    return { query_status: "illegal_id", data: "Expected the id of an IOC" };
  }
  const record = database.records.find((candidate) => candidate.id === id.data);
  if (record === undefined) {
    return { query_status: "no_result", data: null };
  }
  return { query_status: "ok", data: { comment: null, credits: [], malware_samples: [], ...record } };
};
