import { BlockList, isIP } from "node:net";
import type { StoredIoc } from "./stored-ioc.js";

/** Why an IOC is not on a blocklist. */
export type BlocklistOmission = "expired" | "loopback" | "malformed" | "unlistable";

export interface BlocklistOptions {
  /** IOCs that have expired by then are left out. Absent: they are listed, too. */
  readonly expiredBy?: Date;
  readonly onLeftOut?: (ioc: StoredIoc, reason: BlocklistOmission) => void;
}

/** Loopback and unspecified addresses: whoever blocks them blocks themselves. As IPv4-mapped IPv6, too. */
const ownAddresses = new BlockList();
ownAddresses.addSubnet("127.0.0.0", 8, "ipv4");
ownAddresses.addAddress("0.0.0.0", "ipv4");
ownAddresses.addAddress("::1", "ipv6");
ownAddresses.addAddress("::", "ipv6");

/** The field path by which the IOCs of a type must be ordered for a blocklist: by the value that is listed. */
export function blocklistOrder(type: string): string {
  return type === "ip:port" ? "enriched.indicator.host" : "enriched.indicator.value";
}

/**
 * Writes the values of IOCs, each once on a line of its own, and nothing else: no comment and no header, because not
 * every reader knows them. Of an `ip:port` that is the IP address.
 *
 * @param iocs of types with the same `blocklistOrder`, in that order
 */
export async function* writeBlocklist(
  iocs: AsyncIterable<StoredIoc>,
  { expiredBy, onLeftOut }: BlocklistOptions = {},
): AsyncGenerator<string, void, undefined> {
  let last: string | undefined;
  for await (const ioc of iocs) {
    const { indicator } = ioc.enriched;
    const value = (indicator.type === "ip:port" ? indicator.host : null) ?? indicator.value;
    const omission = findOmission(ioc, value, expiredBy);
    if (omission !== undefined) {
      onLeftOut?.(ioc, omission);
    } else if (value !== last) {
      last = value;
      yield `${value}\n`;
    }
  }
}

function findOmission(
  { enriched }: StoredIoc,
  value: string,
  expiredBy: Date | undefined,
): BlocklistOmission | undefined {
  if (enriched.indicator.problem !== undefined) {
    return "malformed";
  }
  if (isOwnAddress(enriched.indicator.host)) {
    return "loopback";
  }
  if (expiredBy !== undefined && enriched.expires_at !== null && enriched.expires_at <= expiredBy) {
    return "expired";
  }
  // A reader would take such a line for several values, or for a comment.
  return /[\s\p{Cc}]|^[#!;]/u.test(value) ? "unlistable" : undefined;
}

function isOwnAddress(host: string | null): boolean {
  const version = host === null ? 0 : isIP(host);
  return host !== null && version !== 0 && ownAddresses.check(host, version === 6 ? "ipv6" : "ipv4");
}
