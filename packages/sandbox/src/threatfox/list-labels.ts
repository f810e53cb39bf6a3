import { z } from "zod";
import { answerList } from "./threatfox-answer.js";
import type { ThreatfoxDatabase, ThreatfoxQuery } from "./threatfox-query.js";

interface MalwareLabel {
  readonly malware_printable: string | null;
  readonly malware_alias: string | null;
}

/** `malware_list`: every malware of the records, by its Malpedia key. */
export const malwareList: ThreatfoxQuery = (database) => ({
  query_status: "ok",
  data: Object.fromEntries(malwareLabels(database)),
});

const labelSchema = z.object({ malware: z.string().min(1), platform: z.string().min(1).optional() });

/** `get_label`: the malwares whose name contains `malware`, on `platform` (`win`, `elf`, …) where it is given. */
export const getLabel: ThreatfoxQuery = (database, request) => {
  const search = labelSchema.safeParse(request);
  if (!search.success) {
    return { query_status: "illegal_malware", data: "Expected the name of a malware" };
  }
  const { malware, platform } = search.data;
  const wanted = malware.toLowerCase();
  const found = [...malwareLabels(database)]
    .filter(
      ([key, label]) =>
        (platform === undefined || key.startsWith(`${platform}.`)) &&
        (key.includes(wanted) || label.malware_printable?.toLowerCase().includes(wanted)),
    )
    .map(([key, label]) => ({ malware: key, ...label }));
  return answerList(found);
};

/** `types`: every pair of IOC type and threat type, by a number. */
export const types: ThreatfoxQuery = (database) => {
  const known = new Map<string, object>();
  for (const record of database.records) {
    known.set(`${record.ioc_type} ${record.threat_type ?? ""}`, {
      ioc_type: record.ioc_type,
      fk_threat_type: record.threat_type ?? null,
      description: record.ioc_type_desc ?? null,
    });
  }
  return {
    query_status: "ok",
    data: Object.fromEntries([...known.values()].map((type, index) => [String(index + 1), type])),
  };
};

/** `tag_list`: every tag, with the dates of its first and its newest IOC. */
export const tagList: ThreatfoxQuery = (database) => {
  const tags = new Map<string, { first_seen: string; last_seen: string; color: string }>();
  for (const { tags: names, first_seen: seen } of database.records) {
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
  return { query_status: "ok", data: Object.fromEntries(tags) };
};

function malwareLabels(database: ThreatfoxDatabase): ReadonlyMap<string, MalwareLabel> {
  const labels = new Map<string, MalwareLabel>();
  for (const { malware, malware_printable, malware_alias } of database.records) {
    if (malware == null) {
      continue;
    }
    labels.set(malware, {
      malware_printable: malware_printable ?? null,
      malware_alias: malware_alias ?? null,
    });
  }
  return labels;
}
