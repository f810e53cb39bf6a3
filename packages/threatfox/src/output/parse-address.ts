import ipaddr from "ipaddr.js";

/** An IP address that can be compared with networks. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Reads an IP address without brackets: of IPv4 four decimal numbers, of IPv6 any notation. An IPv4-mapped address comes out as
 * the IPv4 address.
 *
 * @returns undefined where the text is none
 */
export function parseAddress(text: string): Address | undefined {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
    ? ipaddr.process(text)
    : undefined;
}
