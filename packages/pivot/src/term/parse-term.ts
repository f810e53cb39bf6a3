import { foldName } from "@cti-connectors/core";
import { type AddressRange, addressRange, findHashTypes, parseIndicator } from "@cti-connectors/threatfox";
import { refang } from "./refang.js";

/** One way to read what somebody looks up. */
export type Reading =
  /** An IP address, with or without a port. */
  | { readonly kind: "address"; readonly host: string; readonly port: number | null; readonly value: string }
  /** A network in CIDR notation. */
  | { readonly kind: "network"; readonly value: string; readonly range: AddressRange }
  | { readonly kind: "domain"; readonly host: string; readonly reversed: string }
  | { readonly kind: "url"; readonly value: string; readonly host: string }
  /** In each spelling that it can be stored in. */
  | { readonly kind: "hash"; readonly values: readonly string[] }
  | { readonly kind: "email"; readonly value: string; readonly host: string }
  | { readonly kind: "cve"; readonly id: string }
  /** Such as `T1059.001` or `G0034`. */
  | { readonly kind: "attack-id"; readonly id: string }
  | { readonly kind: "stix-id"; readonly id: string }
  /** A Malpedia key, such as `win.cobalt_strike`. */
  | { readonly kind: "malpedia-key"; readonly key: string }
  /** Of a malware family, software, a group, …; `folded` as `foldName` makes it. */
  | { readonly kind: "name"; readonly name: string; readonly folded: string };

export interface Term {
  /** As typed. */
  readonly text: string;
  /** The likeliest first. Empty: nothing can be looked up, because the text has neither letters nor digits. */
  readonly readings: readonly Reading[];
}

/**
 * Reads what an analyst looks up: an indicator, defanged or not, an id, or a name. Values are spelled as they are stored.
 *
 * Most texts can be read in one way only. `win.emotet` is a Malpedia key, but could be a domain, and `net.exe` a name.
 */
export function parseTerm(text: string): Term {
  const plain = refang(text).replace(label, "");
  const id = readId(plain);
  const certain = id === undefined ? readIndicator(plain) : [id];
  return { text, readings: certain.length > 0 ? certain : readWords(plain) };
}

const stixId = /^[a-z][a-z0-9-]+--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

/** Tactics, techniques, groups, software, campaigns, mitigations, assets, data sources and components, detection strategies, analytics. */
const attackId = /^(?:TA|DS|DC|DET|AN|[TGSCMA])\d{4}(?:\.\d{3})?$/u;

/** What programs write before a hash or an e-mail address. */
const label = /^(?:mailto|md5|sha-?(?:1|256|384|512)|sha3-384):\s*/iu;

function readId(text: string): Reading | undefined {
  const upper = text.toUpperCase();
  if (/^CVE-\d{4}-\d{4,}$/u.test(upper)) {
    return { kind: "cve", id: upper };
  }
  if (attackId.test(upper)) {
    return { kind: "attack-id", id: upper };
  }
  return stixId.test(text.toLowerCase()) ? { kind: "stix-id", id: text.toLowerCase() } : undefined;
}

/** A URL, or the host in it: what stands on a host is often known by other paths. Likewise an e-mail address, or its domain. */
function readIndicator(text: string): readonly Reading[] {
  const hashTypes = findHashTypes(text);
  if (hashTypes.length > 0) {
    return [
      { kind: "hash", values: [...new Set(hashTypes.map((type) => parseIndicator(type, text).value))] },
    ];
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//iu.test(text)) {
    const { value, host } = parseIndicator("url", text);
    return host === null ? [] : [{ kind: "url", value, host }, ...readHost(host)];
  }
  const address = readAddress(text);
  return address === undefined ? readEmail(text) : [address];
}

function readAddress(text: string): Reading | undefined {
  const range = text.includes("/") ? addressRange(text) : undefined;
  if (range !== undefined) {
    return { kind: "network", value: text, range };
  }
  const { value, host, port, ip_version, problem } = parseIndicator("ip:port", text);
  return host === null || ip_version === null || problem !== undefined
    ? undefined
    : { kind: "address", host, port, value };
}

function readEmail(text: string): readonly Reading[] {
  const { value, host, problem } = parseIndicator("body_from", text);
  return host === null || problem !== undefined ? [] : [{ kind: "email", value, host }, ...readHost(host)];
}

function readHost(host: string): readonly Reading[] {
  return [readAddress(host) ?? readDomain(host)].filter((reading) => reading !== undefined);
}

function readWords(text: string): readonly Reading[] {
  const domain = readDomain(text);
  const folded = foldName(text);
  return [
    ...(isMalpediaKey(text) ? [{ kind: "malpedia-key" as const, key: text.toLowerCase() }] : []),
    ...(domain === undefined ? [] : [domain]),
    ...(folded === "" ? [] : [{ kind: "name" as const, name: text, folded }]),
  ];
}

/** A domain, alone, as `*.evil.example`, or as the host of `evil.example:443` or `evil.example/path`. */
function readDomain(text: string): Reading | undefined {
  const { host, reversed_domain } = parseIndicator(
    /\s/u.test(text) ? null : "domain",
    text.replace(/^(?:\*?\.)/u, ""),
  );
  return host === null || reversed_domain === undefined
    ? undefined
    : { kind: "domain", host, reversed: reversed_domain };
}

/** What malware runs on, in Malpedia's keys (https://malpedia.caad.fkie.fraunhofer.de/families). */
const malpediaPlatforms =
  /^(?:aix|apk|asp|elf|fas|ios|jar|js|jsp|osx|php|ps1|py|sh|symbian|vbs|win)\.[a-z0-9_.-]+$/iu;

function isMalpediaKey(text: string): boolean {
  return malpediaPlatforms.test(text);
}
