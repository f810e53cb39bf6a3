import type { JsonObject, JsonValue } from "@cti-connectors/core";
import { z } from "zod";
import {
  type Ioc,
  type IocDetails,
  type IocType,
  iocAnswer,
  iocDetailsAnswer,
  type Label,
  labelAnswer,
  type Malware,
  malwareAnswer,
  type Tag,
  tagAnswer,
  typeAnswer,
} from "./answers.js";
import { queryDays, queryThreatfox, type ThreatfoxConnection } from "./query-threatfox.js";
import { ThreatfoxError } from "./threatfox-error.js";

/**
 * ThreatFox's API, one method per query. Each answer is validated; unknown fields are kept.
 *
 * Every method throws `ThreatfoxError` if ThreatFox refuses the query or its answer is invalid, and core's
 * `HttpConnectionError` if no answer comes. A query without a result returns an empty list, an empty map, or null.
 */
export interface ThreatfoxClient {
  /** `get_iocs`: IOCs first seen in the last `days` days, 1 to 7. Default 3. */
  getIocs(options?: { readonly days?: number }): Promise<readonly Ioc[]>;
  /** `get_iocs`, as received: for callers that validate the records one by one. */
  getIocRecords(options?: { readonly days?: number }): Promise<readonly JsonValue[]>;
  /** `ioc`: one IOC with its samples and comment. */
  getIoc(options: { readonly id: string }): Promise<IocDetails | null>;
  /** `search_ioc`: by the IOC, or by a part of it. */
  searchIocs(options: {
    readonly searchTerm: string;
    readonly exactMatch?: boolean;
  }): Promise<readonly Ioc[]>;
  /** `search_hash`: IOCs of the sample with this MD5 or SHA-256. */
  searchHash(options: { readonly hash: string }): Promise<readonly Ioc[]>;
  /** `taginfo`: IOCs with a tag; `limit` up to 1000, default 100. */
  getIocsByTag(options: { readonly tag: string; readonly limit?: number }): Promise<readonly Ioc[]>;
  /** `malwareinfo`: IOCs of a malware family, by name or Malpedia key; `limit` up to 1000, default 100. */
  getIocsByMalware(options: { readonly malware: string; readonly limit?: number }): Promise<readonly Ioc[]>;
  /** `get_label`: ThreatFox's labels for a malware name; `platform` such as `win`. */
  getLabels(options: { readonly malware: string; readonly platform?: string }): Promise<readonly Label[]>;
  /** `malware_list`: all families, by Malpedia key. */
  listMalware(): Promise<ReadonlyMap<string, Malware>>;
  /** `types`: all kinds of IOC, by number. */
  listTypes(): Promise<ReadonlyMap<string, IocType>>;
  /** `tag_list`: all tags, by name. */
  listTags(): Promise<ReadonlyMap<string, Tag>>;
  /** One of the lists, as received: for callers that validate its entries one by one. */
  listEntries(query: ThreatfoxList): Promise<ReadonlyMap<string, JsonValue>>;
}

/** A query whose answer is all of something, by name or number. */
export type ThreatfoxList = "malware_list" | "types" | "tag_list";

/**
 * Creates a client. The key is sent in the `Auth-Key` header, over TLS or to this machine only: with another `apiUrl` every
 * method throws core's `HttpUrlError`.
 */
export function createThreatfoxClient(connection: ThreatfoxConnection): ThreatfoxClient {
  async function query<Answer>(
    schema: z.ZodType<Answer>,
    name: string,
    parameters: JsonObject = {},
  ): Promise<Answer | undefined> {
    const data = await queryThreatfox(connection, { query: name, ...parameters });
    if (data === undefined) {
      return undefined;
    }
    const parsed = schema.safeParse(data);
    if (parsed.success) {
      return parsed.data;
    }
    const [issue] = parsed.error.issues;
    const place = ["data", ...(issue?.path ?? [])].join(".");
    throw new ThreatfoxError(
      `ThreatFox's answer to ${name} does not match its API: ${place}: ${issue?.message}`,
      { queryStatus: "ok", httpStatus: 200 },
    );
  }

  async function queryList<Item>(
    item: z.ZodType<Item>,
    name: string,
    parameters?: JsonObject,
  ): Promise<readonly Item[]> {
    return (await query(z.array(item), name, parameters)) ?? [];
  }

  async function queryMap<Item>(item: z.ZodType<Item>, name: string): Promise<ReadonlyMap<string, Item>> {
    return (await query(mapOf(item), name)) ?? new Map();
  }

  return {
    getIocs: async ({ days = 3 } = {}) =>
      queryList(iocAnswer, "get_iocs", { days: checkWhole("days", days, queryDays) }),
    getIocRecords: async ({ days = 3 } = {}) =>
      queryList(z.custom<JsonValue>(), "get_iocs", { days: checkWhole("days", days, queryDays) }),
    getIoc: async ({ id }) => (await query(iocDetailsAnswer, "ioc", { id })) ?? null,
    searchIocs: ({ searchTerm, exactMatch = true }) =>
      queryList(iocAnswer, "search_ioc", { search_term: searchTerm, exact_match: exactMatch }),
    searchHash: ({ hash }) => queryList(iocAnswer, "search_hash", { hash }),
    getIocsByTag: async ({ tag, limit = 100 }) =>
      queryList(iocAnswer, "taginfo", { tag, limit: checkWhole("limit", limit, limits) }),
    getIocsByMalware: async ({ malware, limit = 100 }) =>
      queryList(iocAnswer, "malwareinfo", { malware, limit: checkWhole("limit", limit, limits) }),
    getLabels: ({ malware, platform }) =>
      queryList(labelAnswer, "get_label", { malware, ...(platform === undefined ? {} : { platform }) }),
    listMalware: () => queryMap(malwareAnswer, "malware_list"),
    listTypes: () => queryMap(typeAnswer, "types"),
    listTags: () => queryMap(tagAnswer, "tag_list"),
    listEntries: (name) => queryMap(z.custom<JsonValue>(), name),
  };
}

const limits = { min: 1, max: 1000 };

/** A record of zod's would lose an entry named `__proto__`. */
function mapOf<Item>(item: z.ZodType<Item>): z.ZodType<ReadonlyMap<string, Item>> {
  return z.preprocess(objectToMap, z.map(z.string(), item, "expected an object"));
}

// An empty map comes as an empty list from a server written in PHP.
function objectToMap(data: unknown): unknown {
  const isMap = typeof data === "object" && data !== null && (!Array.isArray(data) || data.length === 0);
  return isMap ? new Map(Object.entries(data)) : data;
}

function checkWhole(
  name: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
  }
  return value;
}
