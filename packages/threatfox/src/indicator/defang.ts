import { isIPv6 } from "node:net";
import type { Indicator } from "./indicator.js";

/** Writes an indicator so that no program makes a link of it: `hxxp`, `[.]`, `[:]`. Hashes stay as they are. */
export function defang(indicator: Indicator): string {
  const { value, hash_algorithm } = indicator;
  if (hash_algorithm !== null) {
    return value;
  }
  // Browsers skip more slashes before the host.
  const url = /^([a-z][a-z0-9+.-]*):\/\/([/\\]*[^/?#]*)(.*)$/isu.exec(value);
  if (url === null) {
    return defangHost(value);
  }
  const [, scheme = "", authority = "", rest = ""] = url;
  return `${defangScheme(scheme)}${defangHost(authority)}${rest}`;
}

function defangScheme(scheme: string): string {
  const broken = scheme.replace(/^http/iu, "hxxp").replace(/^ftp/iu, "fxp");
  return broken === scheme ? `${scheme}[:]//` : `${broken}://`;
}

function defangHost(text: string): string {
  return text
    .replace(/\[([^[\]]*)\]/u, (whole, inside: string) =>
      isIPv6(inside) ? `[${defangIPv6(inside)}]` : whole,
    )
    .replace(/^\S+$/u, (whole) => (isIPv6(whole) ? defangIPv6(whole) : whole))
    .replaceAll(/(?<!\[)\.(?!\])/gu, "[.]");
}

function defangIPv6(address: string): string {
  return address.replaceAll(":", "[:]");
}
