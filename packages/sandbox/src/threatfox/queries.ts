import { z } from "zod";
import type { ThreatfoxFeed } from "./threatfox-feed.js";
import { parseThreatfoxDate, type ThreatfoxRecord } from "./threatfox-record.js";

/** What a query comes to: `query_status`, and `data` where there is any. */
interface ThreatfoxAnswer {
  readonly query_status: string;
  readonly data?: unknown;
}

/** One query of the API. Which fields of the request count depends on it. */
type ThreatfoxQuery = (feed: ThreatfoxFeed, request: Readonly<Record<string, unknown>>) => ThreatfoxAnswer;

const dayMs = 86_400_000;
const daysSchema = z.coerce.number().int().min(1).max(7).default(3);

/** The IOCs that were first seen in the last `days` days (1 to 7, default 3). */
const getIocs: ThreatfoxQuery = (feed, request) => {
  const days = daysSchema.safeParse(request.days);
  if (!days.success) {
    return illegal("days", "a number of days between 1 and 7");
  }
  const since = feed.now() - days.data * dayMs;
  return answerList(feed.records.filter(({ first_seen }) => parseThreatfoxDate(first_seen) >= since));
};

const idSchema = z.union([z.string(), z.number()]).transform(String).pipe(z.string().regex(/^\d+$/));

/** One IOC by its id, with the fields that only this query shows. */
const getIoc: ThreatfoxQuery = ({ records }, request) => {
  const id = idSchema.safeParse(request.id);
  if (!id.success) {
    return illegal("id", "the id of an IOC");
  }
  const record = records.find((candidate) => candidate.id === id.data);
  return record === undefined
    ? { query_status: "no_result", data: null }
    : answer({ comment: null, credits: [], malware_samples: [], ...record });
};

const searchSchema = z.object({ search_term: z.string().min(3), exact_match: z.boolean().default(false) });

/** The IOCs that contain `search_term`, or with `exact_match` equal it. */
const searchIoc: ThreatfoxQuery = ({ records }, request) => {
  const search = searchSchema.safeParse(request);
  if (!search.success) {
    return illegal("search_term", "a search_term of three characters or more");
  }
  const { search_term: term, exact_match: exact } = search.data;
  return answerList(records.filter(({ ioc }) => (exact ? ioc === term : ioc.includes(term))));
};

const hashSchema = z
  .string()
  .regex(/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i)
  .toLowerCase();

/** The IOCs of a file, by its MD5 or SHA256. The sandbox knows no samples beyond the hashes that are IOCs. */
const searchHash: ThreatfoxQuery = ({ records }, request) => {
  const hash = hashSchema.safeParse(request.hash);
  if (!hash.success) {
    return illegal("hash", "an MD5 or SHA256 hash");
  }
  return answerList(records.filter(({ ioc }) => ioc.toLowerCase() === hash.data));
};

const nameSchema = z.string().min(1);
const limitSchema = z.coerce.number().int().min(1).max(1000).default(100);

/** The IOCs that match the label in `field`, whatever its case; at most `limit` (1 to 1000, default 100). */
function searchByLabel(
  field: "tag" | "malware",
  expected: string,
  isMatch: (record: ThreatfoxRecord, label: string) => boolean | undefined,
): ThreatfoxQuery {
  return ({ records }, request) => {
    const name = nameSchema.safeParse(request[field]);
    const limit = limitSchema.safeParse(request.limit);
    if (!name.success) {
      return illegal(field, expected);
    }
    if (!limit.success) {
      return illegal("limit", "a limit between 1 and 1000");
    }
    const label = name.data.toLowerCase();
    return answerList(records.filter((record) => isMatch(record, label)).slice(0, limit.data));
  };
}

const labelSchema = z.object({ malware: z.string().min(1), platform: z.string().min(1).optional() });

/** The malwares whose name contains `malware`, on `platform` (`win`, `elf`, …) where it is given. */
const getLabel: ThreatfoxQuery = (feed, request) => {
  const search = labelSchema.safeParse(request);
  if (!search.success) {
    return illegal("malware", "the name of a malware");
  }
  const { malware, platform } = search.data;
  const wanted = malware.toLowerCase();
  const found = [...malwareLabels(feed)]
    .filter(
      ([key, label]) =>
        (platform === undefined || key.startsWith(`${platform}.`)) &&
        (key.includes(wanted) || label.malware_printable?.toLowerCase().includes(wanted)),
    )
    .map(([key, label]) => ({ malware: key, ...label }));
  return answerList(found);
};

/** Every pair of IOC type and threat type, by a number. */
const listTypes: ThreatfoxQuery = ({ records }) => {
  const known = new Map<string, object>();
  for (const { ioc_type, ioc_type_desc, threat_type } of records) {
    known.set(`${ioc_type} ${threat_type ?? ""}`, {
      ioc_type,
      fk_threat_type: threat_type ?? null,
      description: ioc_type_desc ?? null,
    });
  }
  return answer(Object.fromEntries([...known.values()].map((type, index) => [String(index + 1), type])));
};

/** Every tag, with the dates of its first and its newest IOC. */
const listTags: ThreatfoxQuery = ({ records }) => {
  const tags = new Map<string, { first_seen: string; last_seen: string; color: string }>();
  for (const { tags: names, first_seen: seen } of records) {
    for (const name of names ?? []) {
      const tag = tags.get(name);
      if (tag === undefined) {
        tags.set(name, { first_seen: seen, last_seen: seen, color: "#4F4F4F" });
      } else if (seen < tag.first_seen) {
        tag.first_seen = seen;
      } else if (seen > tag.last_seen) {
        tag.last_seen = seen;
      }
    }
  }
  return answer(Object.fromEntries(tags));
};

/** The queries, by what a request calls them. */
export const queries: ReadonlyMap<string, ThreatfoxQuery> = new Map([
  ["get_iocs", getIocs],
  ["ioc", getIoc],
  ["search_ioc", searchIoc],
  ["search_hash", searchHash],
  [
    "taginfo",
    searchByLabel("tag", "a tag", ({ tags }, label) => tags?.some((tag) => tag.toLowerCase() === label)),
  ],
  [
    "malwareinfo",
    searchByLabel("malware", "the name of a malware", ({ malware, malware_printable }, label) =>
      [malware, malware_printable].some((name) => name?.toLowerCase() === label),
    ),
  ],
  ["get_label", getLabel],
  ["malware_list", (feed) => answer(Object.fromEntries(malwareLabels(feed)))],
  ["types", listTypes],
  ["tag_list", listTags],
]);

interface MalwareLabel {
  readonly malware_printable: string | null;
  readonly malware_alias: string | null;
}

/** Every malware of the records, by its Malpedia key. */
function malwareLabels({ records }: ThreatfoxFeed): ReadonlyMap<string, MalwareLabel> {
  const labels = new Map<string, MalwareLabel>();
  for (const { malware, malware_printable = null, malware_alias = null } of records) {
    if (malware != null) {
      labels.set(malware, { malware_printable, malware_alias });
    }
  }
  return labels;
}

function answer(data: unknown): ThreatfoxAnswer {
  return { query_status: "ok", data };
}

/** A list, or `no_result` with a sentence where a list would be. */
function answerList(list: readonly unknown[]): ThreatfoxAnswer {
  return list.length === 0
    ? { query_status: "no_result", data: "Your search did not yield any results" }
    : answer(list);
}

function illegal(field: string, expected: string): ThreatfoxAnswer {
  return { query_status: `illegal_${field}`, data: `Expected ${expected}` };
}
