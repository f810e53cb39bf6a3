import type { StoreReader } from "@cti-connectors/core";
import { type FoundIoc, foundIocProjection, readFoundIoc } from "../documents/found-ioc.js";

export interface ListIocsOptions {
  /** The collection of IOCs: the setting COLLECTION_NAME. Default `threatfox_raw`. */
  readonly iocs?: string;
  /** Malpedia key. Default: all families. */
  readonly malware?: string;
  /** ThreatFox's `ioc_type`. Default: all. */
  readonly type?: string;
  readonly limit: number;
  /** `next` of the page before. */
  readonly before?: IocPosition;
  /** Which IOCs have expired by then. */
  readonly now: Date;
}

/** Between two IOCs in the order of a list. */
export interface IocPosition {
  readonly first_seen: Date;
  /** ThreatFox's id of the IOC before. */
  readonly id: string;
}

/** A page of a list. */
export interface IocPage {
  readonly iocs: readonly FoundIoc[];
  /** The `before` of the next page. Absent: this is the last one. */
  readonly next?: IocPosition;
}

type Filter = Readonly<Record<string, unknown>>;

/** How many IOCs of a family are searched for those of a type. */
const mostLookedAt = 10_000;
const lookedAtAtOnce = 1_000;

/**
 * The IOCs that ThreatFox saw last, newest first; those of one moment by id. Reads a page by an index, and what was seen at its last moment. No
 * index has families and types: a page of both may come out short, and the next one goes on.
 */
export async function listIocs(store: StoreReader, options: ListIocsOptions): Promise<IocPage> {
  const { type, limit, ...others } = options;
  if (type === undefined || others.malware === undefined) {
    return readPage(store, options);
  }
  const found: FoundIoc[] = [];
  let before = options.before;
  for (let read = 0; read < mostLookedAt; read += lookedAtAtOnce) {
    const page = await readPage(store, {
      ...{ ...others, limit: lookedAtAtOnce },
      ...(before !== undefined && { before }),
    });
    found.push(...page.iocs.filter((ioc) => ioc.type === type));
    const last = found[limit - 1];
    if (last?.first_seen && (found.length > limit || page.next !== undefined)) {
      return { iocs: found.slice(0, limit), next: { first_seen: last.first_seen, id: last.id } };
    }
    if (page.next === undefined) {
      return { iocs: found };
    }
    before = page.next;
  }
  return { iocs: found, ...(before !== undefined && { next: before }) };
}

async function readPage(store: StoreReader, options: ListIocsOptions): Promise<IocPage> {
  const { limit, before } = options;
  const same = before === undefined ? [] : await readMoment(store, options, before, limit + 1);
  const older = await readOlder(store, options, before?.first_seen, limit + 1 - same.length);
  const found = [...same, ...older];
  const iocs = found.slice(0, limit);
  const last = iocs.at(-1);
  if (found.length <= limit || last === undefined || last.first_seen === null) {
    return { iocs };
  }
  return { iocs, next: { first_seen: last.first_seen, id: last.id } };
}

/** IOCs of one moment, behind a position. */
function readMoment(
  store: StoreReader,
  options: ListIocsOptions,
  { first_seen, id }: IocPosition,
  limit: number,
): Promise<readonly FoundIoc[]> {
  const behind = { "enriched.first_seen": first_seen, _id: { $gt: id } };
  return read(store, options, behind, { _id: 1 }, limit);
}

/** IOCs from before a moment. Of the last moment among them, those with the lowest ids. */
async function readOlder(
  store: StoreReader,
  options: ListIocsOptions,
  than: Date | undefined,
  limit: number,
): Promise<readonly FoundIoc[]> {
  const seen = { "enriched.first_seen": than === undefined ? { $gt: new Date(0) } : { $lt: than } };
  const found = await read(store, options, seen, { "enriched.first_seen": -1 }, limit);
  const end = found.at(-1)?.first_seen;
  if (found.length < limit || end === undefined || end === null) {
    return sortMoments(found);
  }
  const whole = found.filter(({ first_seen }) => (first_seen ?? end) > end);
  const rest = await readMoment(store, options, { first_seen: end, id: "" }, limit - whole.length);
  return [...sortMoments(whole), ...rest];
}

function sortMoments(iocs: readonly FoundIoc[]): readonly FoundIoc[] {
  const timeOf = ({ first_seen }: FoundIoc) => first_seen?.getTime() ?? 0;
  return [...iocs].sort((one, other) => timeOf(other) - timeOf(one) || (one.id < other.id ? -1 : 1));
}

async function read(
  store: StoreReader,
  { iocs = "threatfox_raw", malware, type, now }: ListIocsOptions,
  filter: Filter,
  sort: Readonly<Record<string, 1 | -1>>,
  limit: number,
): Promise<readonly FoundIoc[]> {
  const found: FoundIoc[] = [];
  const asked = {
    ...(malware !== undefined && { "enriched.malware": malware }),
    ...(type !== undefined && { "enriched.indicator.type": type }),
    ...filter,
  };
  const options = { projection: foundIocProjection, sort, limit: Math.max(0, limit) };
  for await (const document of store.find(iocs, asked, options)) {
    found.push(readFoundIoc(document, now));
  }
  return found;
}
