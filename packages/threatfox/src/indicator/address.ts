import ipaddr from "ipaddr.js";

/** An IP address that can be compared with networks. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Addresses whose first bits are the same. */
export interface Network {
  /** Any address of it. */
  readonly address: Address;
  /** In bits. */
  readonly prefixLength: number;
}

/** The first and the last address of a network, in the spelling of `sortableAddress`. Both belong to it. */
export interface AddressRange {
  readonly from: string;
  readonly to: string;
}

/**
 * Reads an IP address without brackets: of IPv4 four decimal numbers, of IPv6 any notation. An IPv4-mapped address comes out as
 * the IPv4 address.
 *
 * @returns undefined if the text is not an IP address
 */
export function parseAddress(text: string): Address | undefined {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
    ? ipaddr.process(text)
    : undefined;
}

/**
 * Reads a network in CIDR notation, such as `192.0.2.0/24` or `2001:db8::/32`, or a single IP address. Bits after the prefix may be
 * set. A network of IPv4-mapped addresses comes out as the IPv4 network.
 *
 * @returns undefined if the text is neither
 */
export function parseNetwork(text: string): Network | undefined {
  const single = parseAddress(text);
  if (single !== undefined) {
    return { address: single, prefixLength: single instanceof ipaddr.IPv4 ? 32 : 128 };
  }
  // Not `10/8`, which would be 0.0.0.10.
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text) && !ipaddr.IPv6.isValidCIDR(text)) {
    return undefined;
  }
  const [address, prefixLength] = ipaddr.parseCIDR(text);
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && prefixLength >= 96
    ? { address: address.toIPv4Address(), prefixLength: prefixLength - 96 }
    : { address, prefixLength };
}

/**
 * Spells an IP address so that the order of texts is the order of addresses, as in `enriched.indicator.address`: `203.000.113.005`,
 * `[2001:0db8:0000:0000:0000:0000:0000:0001]`. The brackets keep all IPv6 addresses behind all IPv4 addresses. An IPv4-mapped
 * address is spelled as the IPv4 address.
 *
 * @returns undefined if the text is not an IP address
 */
export function sortableAddress(text: string): string | undefined {
  const address = text.includes("%") ? undefined : parseAddress(text);
  return address && spell(address);
}

/**
 * The range of a network: `{ $gte: from, $lte: to }` on `enriched.indicator.address` finds all IOCs in it.
 *
 * @param cidr such as `203.0.113.0/24` or `2001:db8::/32`; bits after the prefix may be set. A single IP address is a range of one
 * @returns undefined if the text is neither a network nor an IP address
 */
export function addressRange(cidr: string): AddressRange | undefined {
  const network = cidr.includes("%") ? undefined : parseNetwork(cidr);
  if (network === undefined) {
    return undefined;
  }
  const family = network.address instanceof ipaddr.IPv4 ? ipaddr.IPv4 : ipaddr.IPv6;
  const text = `${network.address.toString()}/${network.prefixLength}`;
  return {
    from: spell(family.networkAddressFromCIDR(text)),
    to: spell(family.broadcastAddressFromCIDR(text)),
  };
}

function spell(address: Address): string {
  return address instanceof ipaddr.IPv4
    ? address.octets.map((octet) => String(octet).padStart(3, "0")).join(".")
    : `[${address.parts.map((part) => part.toString(16).padStart(4, "0")).join(":")}]`;
}
