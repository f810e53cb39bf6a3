import { isIPv4, isIPv6 } from "node:net";
import { type Indicator, plainIndicator } from "./indicator.js";
import { parseHost } from "./parse-host.js";
import { parsePort } from "./parse-port.js";

/**
 * Reads an IOC of type `ip:port`: IPv4 or IPv6, the latter in brackets or bare, with or without a port.
 *
 * A bare IPv6 address that ends in a decimal group can be read in two ways: `2001:db8::1:443` is an address, and
 * also port 443 of `2001:db8::1`. The type promises a port, so the last group is the port wherever what stands
 * before it is an address.
 */
export function parseIpPort(type: string, text: string): Indicator {
  const { address, port } = splitAddressFromPort(text.trim());
  const host = parseHost(address);
  if (host === undefined) {
    return plainIndicator(type, text.trim(), "neither an IP address nor a host name stands before the port");
  }
  const number = port === undefined ? undefined : parsePort(port);
  const problem = findProblem(host.ip_version, port, number);
  return {
    ...plainIndicator(type, problem === undefined ? write(host, number) : text.trim(), problem),
    ...host,
    port: number ?? null,
  };
}

interface AddressAndPort {
  readonly address: string;
  /** undefined: none is given. */
  readonly port?: string;
}

function splitAddressFromPort(text: string): AddressAndPort {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/su.exec(text);
  if (bracketed !== null) {
    return withPort(isIPv6(bracketed[1] ?? "") ? (bracketed[1] ?? "") : text, bracketed[2]);
  }
  const colon = text.lastIndexOf(":");
  const [before, after] = [text.slice(0, colon), text.slice(colon + 1)];
  if (colon === -1) {
    return { address: text };
  }
  const isBareIPv6 = isIPv6(text) && !(isIPv6(before) && parsePort(after) !== undefined);
  return isBareIPv6 ? { address: text } : { address: before, port: after };
}

function withPort(address: string, port: string | undefined): AddressAndPort {
  return port === undefined ? { address } : { address, port };
}

function findProblem(
  version: 4 | 6 | null,
  port: string | undefined,
  number: number | undefined,
): string | undefined {
  if (version === null) {
    return "the host is a name, not an IP address";
  }
  return port !== undefined && number === undefined ? "the port is not a number from 1 to 65535" : undefined;
}

function write({ host }: { readonly host: string }, port: number | undefined): string {
  if (port === undefined) {
    return host;
  }
  return isIPv4(host) ? `${host}:${port}` : `[${host}]:${port}`;
}
