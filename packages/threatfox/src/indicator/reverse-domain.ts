import { parseHost } from "./parse-host.js";

/**
 * Spells a domain name from its top level down, with a dot at the end, as in `enriched.indicator.reversed_domain`:
 * `www.example.com` is `com.example.www.`. Whatever lies at or below a domain begins with its reversed name.
 *
 * @param domain in any case, in Unicode or punycode, with or without a trailing dot
 * @returns undefined if the text is not a domain name
 */
export function reverseDomain(domain: string): string | undefined {
  const host = parseHost(domain);
  return host?.ip_version === null ? reverseLabels(host.host) : undefined;
}

/** @param domain as `parseHost` spells it */
export function reverseLabels(domain: string): string {
  return `${domain.split(".").reverse().join(".")}.`;
}
