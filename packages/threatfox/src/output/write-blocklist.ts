import { parseAddress } from "../indicator/address.js";
import { findSpecialUse, type SpecialUse } from "./special-use-host.js";
import type { StoredIoc } from "./stored-ioc.js";

type Indicator = StoredIoc["enriched"]["indicator"];

/**
 * Why an IOC is not on a blocklist: `special-address` and `special-name` are what `findSpecialUse` finds, hosts of the reader's
 * own network.
 */
export type BlocklistOmission = "expired" | "malformed" | "special-address" | "special-name" | "unlistable";

export interface BlocklistOptions {
  /** IOCs that have expired by then are left out. Absent: they are listed, too. */
  readonly expiredBy?: Date;
  readonly onLeftOut?: (ioc: StoredIoc, reason: BlocklistOmission) => void;
}

/** The field path by which the IOCs of a type must be ordered for a blocklist: by the value that is listed. */
function blocklistOrder(type: string): string {
  return type === "ip:port" ? "enriched.indicator.host" : "enriched.indicator.value";
}

/**
 * Writes a blocklist of IOCs of several types: those whose values have one order are read and written together.
 *
 * @param read IOCs of these types, in ascending order of this field path
 */
export async function* writeBlocklists(
  types: readonly string[],
  read: (types: readonly string[], orderBy: string) => AsyncIterable<StoredIoc>,
  options: BlocklistOptions = {},
): AsyncGenerator<string, void, undefined> {
  for (const orderBy of new Set(types.map(blocklistOrder))) {
    const ofOrder = types.filter((type) => blocklistOrder(type) === orderBy);
    yield* writeBlocklist(read(ofOrder, orderBy), options);
  }
}

/**
 * Writes the values of IOCs, each once on a line of its own, and nothing else: not every reader accepts comments
 * or a header. The value of an `ip:port` is its IP address; an IPv4-mapped address is written as IPv4.
 *
 * @param iocs of types that are listed by the same field, in the order of that field
 */
export async function* writeBlocklist(
  iocs: AsyncIterable<StoredIoc>,
  { expiredBy, onLeftOut }: BlocklistOptions = {},
): AsyncGenerator<string, void, undefined> {
  let last: string | undefined;
  for await (const ioc of iocs) {
    const { indicator } = ioc.enriched;
    const value = listedValue(indicator);
    const omission = findOmission(ioc, value, expiredBy);
    if (omission !== undefined) {
      onLeftOut?.(ioc, omission);
    } else if (value !== last) {
      last = value;
      yield `${value}\n`;
    }
  }
}

function listedValue({ type, host, value }: Indicator): string {
  return type === "ip:port" && host !== null ? (parseAddress(host)?.toString() ?? host) : value;
}

function findOmission(
  { enriched }: StoredIoc,
  value: string,
  expiredBy: Date | undefined,
): BlocklistOmission | undefined {
  if (enriched.indicator.problem !== undefined) {
    return "malformed";
  }
  const specialUse = specialUseOf(enriched.indicator);
  if (specialUse !== undefined) {
    return `special-${specialUse}`;
  }
  if (expiredBy !== undefined && enriched.expires_at !== null && enriched.expires_at <= expiredBy) {
    return "expired";
  }
  // A reader would take such a line for several values, or for a comment.
  return /[\s\p{Cc}]|^[#!;]/u.test(value) ? "unlistable" : undefined;
}

/** A type that is not known here can hold addresses, too. */
function specialUseOf({ host, value }: Indicator): SpecialUse | undefined {
  const target = host ?? (parseAddress(value) === undefined ? undefined : value);
  return target === undefined ? undefined : findSpecialUse(target);
}
