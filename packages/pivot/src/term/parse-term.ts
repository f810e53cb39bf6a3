import { foldName } from "@cti-connectors/core";
import {
  type AddressRange,
  addressRange,
  findHashTypes,
  parseHost,
  parseIndicator,
} from "@cti-connectors/threatfox";
import { isMalpediaKey } from "../documents/malpedia-key.js";
import { refang } from "./refang.js";
import { subjectOfPage } from "./subject-of-page.js";

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
  /** Of an IOC at ThreatFox. */
  | { readonly kind: "threatfox-id"; readonly id: string }
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
 * Reads what an analyst looks up: an indicator, defanged or not, an id, the address of a page about one, or a name. Values are spelled as they
 * are stored.
 *
 * Most texts can be read in one way only. `win.emotet` is a Malpedia key, but could be a domain, and `net.exe` a name.
 */
export function parseTerm(text: string): Term {
  const texts = refang(text.replace(label, ""));
  const [plain] = texts;
  const id = readId(plain);
  if (id !== undefined) {
    return { text, readings: [id] };
  }
  const certain = [readUrls(texts), readIndicator(plain)].find((found) => found.length > 0);
  const readings = certain ?? readWords(plain);
  return { text, readings: [...readPage(plain, readings), ...readings] };
}

/** Each kind of reading once. */
export function kindsOf(readings: readonly Reading[]): readonly Reading["kind"][] {
  return [...new Set(readings.map(({ kind }) => kind))];
}

const stixId = /^[a-z][a-z0-9-]+--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

/** Tactics, techniques, groups, software, campaigns, mitigations, assets, data sources and components, detection strategies, analytics. */
const attackId = /^((?:TA|DS|DC|DET|AN|[TGSCMA])\d{4})(?:[./](\d{3}))?$/u;

/** What people and programs write before an indicator. */
const label =
  /^\s*(?:(?:mailto|md5|sha-?(?:1|256|384|512)|sha3-384):\s*|(?:ioc|ip|ipv[46]|url|domain|host|e-?mail|hash|cve):\s+)/iu;

function readId(text: string): Reading | undefined {
  const upper = text.toUpperCase();
  if (/^CVE-\d{4}-\d{4,}$/u.test(upper)) {
    return { kind: "cve", id: upper };
  }
  const [, id, sub] = attackId.exec(upper) ?? [];
  if (id !== undefined) {
    return { kind: "attack-id", id: sub === undefined ? id : `${id}.${sub}` };
  }
  const [, threatfoxId] = /^THREATFOX[\s:#]{1,3}(\d{1,15})$/u.exec(upper) ?? [];
  if (threatfoxId !== undefined) {
    return { kind: "threatfox-id", id: threatfoxId };
  }
  return stixId.test(text.toLowerCase()) ? { kind: "stix-id", id: text.toLowerCase() } : undefined;
}

/** What a page is about, if it is one of those that we know. Browsers copy addresses without `https://`, too. */
function readPage(text: string, readings: readonly Reading[]): readonly Reading[] {
  const addresses = readings.flatMap((reading) => {
    const address = reading.kind === "url" ? reading.value : `https://${text}`;
    return reading.kind === "url" || reading.kind === "domain" ? { address, host: reading.host } : [];
  });
  const subject = addresses.map(subjectOfPage).find((found) => found !== undefined) ?? "";
  return [readId(subject) ?? readKey(subject) ?? readName(subject) ?? []].flat();
}

const urlStart = /^[a-z][a-z0-9+.-]*:(?:\/\/|\\\\)/iu;

/** URLs, and the host in them: what stands on a host is often known by other paths. */
function readUrls(texts: readonly string[]): readonly Reading[] {
  const urls = new Map<string, Reading>();
  const hosts = new Map<string, Reading>();
  for (const text of texts.filter((each) => urlStart.test(each))) {
    const { value, host } = parseIndicator("url", text);
    if (host !== null) {
      urls.set(value, { kind: "url", value, host });
      for (const reading of readHost(host)) {
        hosts.set(host, reading);
      }
    }
  }
  return [...urls.values(), ...hosts.values()];
}

/** An e-mail address can be read as its domain, too. */
function readIndicator(text: string): readonly Reading[] {
  const hashTypes = findHashTypes(text);
  if (hashTypes.length > 0) {
    return [
      { kind: "hash", values: [...new Set(hashTypes.map((type) => parseIndicator(type, text).value))] },
    ];
  }
  const addresses = readAddress(text.replace(zone, ""));
  return addresses.length > 0 ? addresses : readEmail(text);
}

/** The zone of an IPv6 address, as in `fe80::1%eth0`, means something on one machine only. */
const zone = /(?<=^\[?[0-9a-f:.]+)%[\w.-]+/iu;

/** A network, or an address with or without a port. `2001:db8::1:443` is port 443 of an address, and an address. */
function readAddress(text: string): readonly Reading[] {
  const range = text.includes("/") ? addressRange(text) : undefined;
  if (range !== undefined) {
    return [{ kind: "network", value: text, range }];
  }
  const { value, host, port, ip_version, problem } = parseIndicator("ip:port", text);
  if (host === null || ip_version === null || problem !== undefined) {
    return [];
  }
  const whole = port === null ? undefined : parseHost(text)?.host;
  return [
    { kind: "address", host, port, value },
    ...(whole === undefined ? [] : [{ kind: "address" as const, host: whole, port: null, value: whole }]),
  ];
}

function readEmail(text: string): readonly Reading[] {
  const { value, host, problem } = parseIndicator("body_from", text);
  return host === null || problem !== undefined ? [] : [{ kind: "email", value, host }, ...readHost(host)];
}

function readWords(text: string): readonly Reading[] {
  return [readKey(text) ?? [], readHost(text), readName(text) ?? []].flat();
}

function readKey(text: string): Reading | undefined {
  return isMalpediaKey(text) ? { kind: "malpedia-key", key: text.toLowerCase() } : undefined;
}

function readName(text: string): Reading | undefined {
  const folded = foldName(text);
  return folded === "" ? undefined : { kind: "name", name: text, folded };
}

/** A host, alone, as `*.evil.example`, or as in `evil.example:443`, `evil.example/path` and `203.0.113.5/path`. */
function readHost(text: string): readonly Reading[] {
  const { host, reversed_domain } = parseIndicator(
    /\s/u.test(text) ? null : "domain",
    text.replace(/^(?:\*?\.)/u, ""),
  );
  if (host === null || reversed_domain === undefined) {
    return host === null ? [] : [{ kind: "address", host, port: null, value: host }];
  }
  return [{ kind: "domain", host, reversed: reversed_domain }];
}
