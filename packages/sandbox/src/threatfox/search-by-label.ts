import { z } from "zod";
import { answerList } from "./threatfox-answer.js";
import type { ThreatfoxQuery } from "./threatfox-query.js";

const limitSchema = z.coerce.number().int().min(1).max(1000).default(100);
const nameSchema = z.string().min(1);

/** `taginfo`: the IOCs with a tag, whatever its case; at most `limit` (1 to 1000, default 100). */
export const tagInfo: ThreatfoxQuery = (database, request) => {
  const tag = nameSchema.safeParse(request.tag);
  const limit = limitSchema.safeParse(request.limit);
  if (!tag.success) {
    return { query_status: "illegal_tag", data: "Expected a tag" };
  }
  if (!limit.success) {
    return { query_status: "illegal_limit", data: "Expected a limit between 1 and 1000" };
  }
  const wanted = tag.data.toLowerCase();
  const found = database.records.filter(({ tags }) => tags?.some((name) => name.toLowerCase() === wanted));
  return answerList(found.slice(0, limit.data));
};

/** `malwareinfo`: the IOCs of a malware, by its name or its Malpedia key; at most `limit`. */
export const malwareInfo: ThreatfoxQuery = (database, request) => {
  const malware = nameSchema.safeParse(request.malware);
  const limit = limitSchema.safeParse(request.limit);
  if (!malware.success) {
    return { query_status: "illegal_malware", data: "Expected the name of a malware" };
  }
  if (!limit.success) {
    return { query_status: "illegal_limit", data: "Expected a limit between 1 and 1000" };
  }
  const wanted = malware.data.toLowerCase();
  const found = database.records.filter(
    (record) =>
      record.malware?.toLowerCase() === wanted || record.malware_printable?.toLowerCase() === wanted,
  );
  return answerList(found.slice(0, limit.data));
};
