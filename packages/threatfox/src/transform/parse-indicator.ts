import { type Indicator, plainIndicator } from "./indicator.js";
import { parseDomain } from "./parse-domain.js";
import { parseEmail } from "./parse-email.js";
import { isHashType, parseHash } from "./parse-hash.js";
import { parseIpPort } from "./parse-ip-port.js";
import { parseUrl } from "./parse-url.js";

/**
 * Takes an IOC apart by its type. Never throws; a type that is not known keeps its value as given.
 *
 * @param type ThreatFox's `ioc_type`
 * @param ioc the IOC as received
 */
export function parseIndicator(type: string | null, ioc: string): Indicator {
  switch (type) {
    case "ip:port":
      return parseIpPort(type, ioc);
    case "domain":
      return parseDomain(type, ioc);
    case "url":
      return parseUrl(type, ioc);
    case "envelope_from":
    case "body_from":
      return parseEmail(type, ioc);
    default:
      return type !== null && isHashType(type) ? parseHash(type, ioc) : plainIndicator(type, ioc);
  }
}
