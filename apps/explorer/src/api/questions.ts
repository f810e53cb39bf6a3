import type {
  ChangesJson,
  DailyIocsJson,
  IocsJson,
  LayerJson,
  LookupJson,
  MatrixJson,
  NewFamiliesJson,
  RejectedJson,
  ReleasesJson,
  StatusJson,
  SuggestionsJson,
} from "@cti-connectors/server/answers";
import type { Question } from "./request-answer.js";

export const askReleases: Question<ReleasesJson> = { path: "/attack/releases", query: {} };

export function askMatrix(domain: string, release: string | undefined): Question<MatrixJson> {
  return { path: `/attack/${encodeURIComponent(domain)}/matrix`, query: { release } };
}

/** IOCs of the last days, by the techniques of their malware. */
export function askIocsLayer(domain: string, release: string | undefined, days: number): Question<LayerJson> {
  return layer(domain, "iocs", { release, since: `${days}d` });
}

/** How many groups use each technique. */
export function askGroupsLayer(domain: string, release: string | undefined): Question<LayerJson> {
  return layer(domain, "groups", { release });
}

/** @param subjects ATT&CK ids, Malpedia keys or names of groups, software, campaigns and families */
export function askUsageLayer(
  domain: string,
  release: string | undefined,
  subjects: readonly string[],
): Question<LayerJson> {
  return layer(domain, "usage", { release, subject: subjects });
}

export function askChangesLayer(
  domain: string,
  from: string | undefined,
  to: string | undefined,
): Question<LayerJson> {
  return layer(domain, "changes", { from, to });
}

function layer(domain: string, kind: string, query: Question<LayerJson>["query"]): Question<LayerJson> {
  return { path: `/attack/${encodeURIComponent(domain)}/layers/${kind}`, query };
}

/** @param limit how many IOCs to answer */
export function askLookup(
  term: string,
  { release, limit }: { readonly release?: string | undefined; readonly limit: number },
): Question<LookupJson> {
  return { path: "/lookup", query: { term, release, limit } };
}

/** Names that begin like this. */
export function askSuggestions(prefix: string): Question<SuggestionsJson> {
  return { path: "/suggestions", query: { prefix, limit: 10 } };
}

/** Newest first. */
export function askIocs(limit: number): Question<IocsJson> {
  return { path: "/iocs", query: { limit } };
}

export function askDailyIocs(days: number, by: "malware" | "type"): Question<DailyIocsJson> {
  return { path: "/iocs/daily", query: { days, by } };
}

/** Families whose first IOC is not older. */
export function askFamilies(days: number): Question<NewFamiliesJson> {
  return { path: "/families", query: { new_since: `${days}d`, limit: 100 } };
}

export function askChanges(domain: string, from: string, to: string): Question<ChangesJson> {
  return { path: `/attack/${encodeURIComponent(domain)}/changes`, query: { from, to } };
}

export const askStatus: Question<StatusJson> = { path: "/status", query: {} };

export function askRejected(connector: string | undefined, limit: number): Question<RejectedJson> {
  return { path: "/rejected", query: { connector, limit } };
}
