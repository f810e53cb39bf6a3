import { type Indicator, plainIndicator } from "./indicator.js";
import { parseHost } from "./parse-host.js";

/** Reads an IOC of type `domain`: lower case, punycode, no trailing dot, at least two labels. */
export function parseDomain(type: string, text: string): Indicator {
  const host = parseHost(text);
  if (host === undefined) {
    return plainIndicator(type, text.trim(), "not a domain name");
  }
  if (host.ip_version === null && !host.host.includes(".")) {
    return plainIndicator(type, text.trim(), "a single label, not a domain name");
  }
  const problem = host.ip_version === null ? undefined : "an IP address, not a domain name";
  return { ...plainIndicator(type, host.host, problem), ...host };
}
