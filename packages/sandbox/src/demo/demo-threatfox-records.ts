import { formatThreatfoxDate, type ThreatfoxRecord } from "../threatfox/threatfox-record.js";

interface DemoIoc {
  readonly ioc: string;
  readonly ioc_type: string;
  readonly threat: keyof typeof threats;
  readonly malware: keyof typeof malwares;
  readonly hoursAgo: number;
  readonly confidence?: number;
  readonly seenAgainHoursAgo?: number;
  readonly tags?: readonly string[];
  readonly reference?: string;
  readonly compromised?: boolean;
}

const threats = {
  botnet_cc: "Indicator that identifies a botnet command&control server (C&C)",
  payload_delivery: "Indicator that identifies a malware distribution server (payload delivery)",
  payload: "Indicator that identifies a malware sample (payload)",
} as const;

const malwares = {
  "win.cobalt_strike": ["Cobalt Strike", "Agentemis,BEACON,CobaltStrike,cobeacon"],
  "win.asyncrat": ["AsyncRAT", null],
  "win.remcos": ["Remcos", "RemcosRAT,Remvio,Socmer"],
  "win.redline_stealer": ["RedLine Stealer", null],
  "elf.mirai": ["Mirai", "Katana"],
  "apk.hydra": ["Hydra", null],
  unknown: ["Unknown malware", null],
} as const;

/** Addresses and names are those reserved for documentation (RFC 5737, RFC 3849, RFC 2606); hashes are made up. */
const iocs: readonly DemoIoc[] = [
  {
    ioc: "192.0.2.17:443",
    ioc_type: "ip:port",
    threat: "botnet_cc",
    malware: "win.cobalt_strike",
    hoursAgo: 2,
    tags: ["CobaltStrike"],
    confidence: 100,
  },
  {
    ioc: "198.51.100.23:8443",
    ioc_type: "ip:port",
    threat: "botnet_cc",
    malware: "win.cobalt_strike",
    hoursAgo: 5,
    tags: ["CobaltStrike", "beacon"],
  },
  {
    ioc: "[2001:db8::17]:443",
    ioc_type: "ip:port",
    threat: "botnet_cc",
    malware: "win.cobalt_strike",
    hoursAgo: 7,
    tags: ["CobaltStrike", "ipv6"],
  },
  {
    ioc: "https://beacon.example.com/jquery.min.js",
    ioc_type: "url",
    threat: "botnet_cc",
    malware: "win.cobalt_strike",
    hoursAgo: 9,
    tags: ["CobaltStrike"],
    reference: "https://www.example.org/reports/17",
  },
  {
    ioc: "cdn.beacon.example.com",
    ioc_type: "domain",
    threat: "botnet_cc",
    malware: "win.cobalt_strike",
    hoursAgo: 11,
    tags: ["CobaltStrike"],
    seenAgainHoursAgo: 1,
  },
  {
    ioc: "203.0.113.5:6606",
    ioc_type: "ip:port",
    threat: "botnet_cc",
    malware: "win.asyncrat",
    hoursAgo: 12,
    tags: ["asyncrat", "RAT"],
  },
  {
    ioc: "203.0.113.6:7707",
    ioc_type: "ip:port",
    threat: "botnet_cc",
    malware: "win.asyncrat",
    hoursAgo: 13,
    tags: ["asyncrat"],
    confidence: 75,
  },
  {
    ioc: "rat.example.net",
    ioc_type: "domain",
    threat: "botnet_cc",
    malware: "win.asyncrat",
    hoursAgo: 15,
    confidence: 50,
  },
  {
    ioc: "2001:db8:0:1::a:2404",
    ioc_type: "ip:port",
    threat: "botnet_cc",
    malware: "win.remcos",
    hoursAgo: 18,
    tags: ["remcos"],
  },
  {
    ioc: "198.51.100.77:2404",
    ioc_type: "ip:port",
    threat: "botnet_cc",
    malware: "win.remcos",
    hoursAgo: 20,
    tags: ["remcos", "RAT"],
    seenAgainHoursAgo: 3,
  },
  {
    ioc: "panel.example.org",
    ioc_type: "domain",
    threat: "botnet_cc",
    malware: "win.redline_stealer",
    hoursAgo: 22,
    compromised: true,
  },
  {
    ioc: "192.0.2.99:80",
    ioc_type: "ip:port",
    threat: "botnet_cc",
    malware: "win.redline_stealer",
    hoursAgo: 25,
    tags: ["RedLineStealer"],
  },
  {
    ioc: "http://192.0.2.150/bins/arm7",
    ioc_type: "url",
    threat: "payload_delivery",
    malware: "elf.mirai",
    hoursAgo: 28,
    tags: ["elf", "Mirai"],
  },
  {
    ioc: "203.0.113.200:38241",
    ioc_type: "ip:port",
    threat: "botnet_cc",
    malware: "elf.mirai",
    hoursAgo: 31,
    tags: ["Mirai"],
    confidence: 0,
  },
  {
    ioc: "http://app.example.com/update.apk?v=2&id=%7B1%7D",
    ioc_type: "url",
    threat: "payload_delivery",
    malware: "apk.hydra",
    hoursAgo: 34,
    tags: ["apk", "Hydra"],
    reference: "",
  },
  {
    ioc: "http://[2001:db8::80]:8080/gate",
    ioc_type: "url",
    threat: "botnet_cc",
    malware: "apk.hydra",
    hoursAgo: 36,
  },
  {
    ioc: "0123456789abcdef0123456789abcdef",
    ioc_type: "md5_hash",
    threat: "payload",
    malware: "win.remcos",
    hoursAgo: 38,
  },
  {
    ioc: "0123456789abcdef0123456789abcdef01234567",
    ioc_type: "sha1_hash",
    threat: "payload",
    malware: "win.remcos",
    hoursAgo: 41,
    tags: ["remcos"],
  },
  {
    ioc: "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    ioc_type: "sha256_hash",
    threat: "payload",
    malware: "win.cobalt_strike",
    hoursAgo: 44,
    tags: ["CobaltStrike", "dll"],
    confidence: 90,
  },
  {
    ioc: "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100",
    ioc_type: "sha256_hash",
    threat: "payload",
    malware: "unknown",
    hoursAgo: 47,
  },
  {
    ioc: "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    ioc_type: "sha3_384_hash",
    threat: "payload",
    malware: "win.asyncrat",
    hoursAgo: 50,
  },
  {
    ioc: "billing@mail.example.org",
    ioc_type: "envelope_from",
    threat: "payload_delivery",
    malware: "win.remcos",
    hoursAgo: 53,
    tags: ["spam"],
  },
  {
    ioc: "accounts@mail.example.net",
    ioc_type: "body_from",
    threat: "payload_delivery",
    malware: "win.remcos",
    hoursAgo: 56,
    tags: ["spam"],
  },
  {
    ioc: "00000000111111112222222233333333",
    ioc_type: "ja3_fingerprint",
    threat: "botnet_cc",
    malware: "unknown",
    hoursAgo: 60,
    tags: ["a type that no list names"],
  },
  {
    ioc: "xn--bcher-kva.example.com",
    ioc_type: "domain",
    threat: "botnet_cc",
    malware: "win.cobalt_strike",
    hoursAgo: 66,
    tags: ["CobaltStrike", "日本語"],
  },
];

/**
 * The built-in records, newest first, the way `get_iocs` sends them: all first seen within three days before
 * `now` (milliseconds since 1970).
 */
export function demoThreatfoxRecords(now: number): readonly ThreatfoxRecord[] {
  return iocs.map((demo, index) => {
    const [name, alias] = malwares[demo.malware];
    return {
      id: String(1_900_000 + iocs.length - index),
      ioc: demo.ioc,
      threat_type: demo.threat,
      threat_type_desc: threats[demo.threat],
      ioc_type: demo.ioc_type,
      ioc_type_desc: `${demo.ioc_type}, of the kind that ${demo.threat} stands for`,
      malware: demo.malware,
      malware_printable: name,
      malware_alias: alias,
      malware_malpedia:
        demo.malware === "unknown"
          ? null
          : `https://malpedia.caad.fkie.fraunhofer.de/details/${demo.malware}`,
      confidence_level: demo.confidence ?? 80,
      first_seen: formatThreatfoxDate(now - demo.hoursAgo * 3_600_000),
      last_seen:
        demo.seenAgainHoursAgo === undefined
          ? null
          : formatThreatfoxDate(now - demo.seenAgainHoursAgo * 3_600_000),
      reference: demo.reference ?? null,
      reporter: "cti_connectors_demo",
      tags: demo.tags === undefined ? null : [...demo.tags],
      is_compromised: demo.compromised ?? false,
    };
  });
}
