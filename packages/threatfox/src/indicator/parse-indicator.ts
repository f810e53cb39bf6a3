import { findHost } from "./find-host.js";
import { type Indicator, plainIndicator } from "./indicator.js";
import { parseDomain } from "./parse-domain.js";
import { parseEmail } from "./parse-email.js";
import { isHashType, parseHash } from "./parse-hash.js";
import { parseIpPort } from "./parse-ip-port.js";
import { parseUrl } from "./parse-url.js";

/**
 * Takes an IOC apart by its type. Never throws; a type that is not known keeps its value as given. One that is not written as its type
 * wants it has a problem, and nevertheless the host that it names.
 *
 * @param type ThreatFox's `ioc_type`
 * @param ioc the IOC as received
 */
export function parseIndicator(type: string | null, ioc: string): Indicator {
  switch (type) {
    case "ip:port":
      return withHost(parseIpPort(type, ioc), ioc);
    case "domain":
      return withHost(parseDomain(type, ioc), ioc);
    case "url":
      return withHost(parseUrl(type, ioc), ioc);
    case "envelope_from":
    case "body_from":
      return withHost(parseEmail(type, ioc), ioc);
    default:
      return type !== null && isHashType(type) ? parseHash(type, ioc) : plainIndicator(type, ioc);
  }
}

function withHost(indicator: Indicator, ioc: string): Indicator {
  const isWithout = indicator.problem !== undefined && indicator.host === null;
  return isWithout ? { ...indicator, ...findHost(ioc) } : indicator;
}
