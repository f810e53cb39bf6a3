const threats: ReadonlyMap<string, string> = new Map([
  ["botnet_cc", "Indicator that identifies a botnet command&control server (C&C)"],
  ["payload_delivery", "Indicator that identifies a malware distribution server (payload delivery)"],
  ["payload", "Indicator that identifies a malware sample (payload)"],
  ["cc_skimming", "Indicator that identifies credit card skimming infrastructure (NOT phishing)"],
]);

/** Descriptions by threat type and IOC type. */
const iocs: ReadonlyMap<string, string> = new Map([
  ["botnet_cc ip:port", "ip:port combination that is used for botnet Command&control (C&C)"],
  ["botnet_cc domain", "Domain that is used for botnet Command&control (C&C)"],
  ["botnet_cc url", "URL that is used for botnet Command&control (C&C)"],
  ["payload_delivery url", "URL that delivers a malware payload"],
  ["payload_delivery domain", "Domain name that delivers a malware payload"],
  ["payload_delivery ip:port", "ip:port combination that delivery a malware payload"],
  ["payload md5_hash", "MD5 hash of a malware sample (payload)"],
  ["payload sha1_hash", "SHA1 hash of a malware sample (payload)"],
  ["payload sha256_hash", "SHA256 hash of a malware sample (payload)"],
  ["cc_skimming domain", "Domain used for credit card skimming (usually related to Magecart attacks)"],
]);

/**
 * ThreatFox's `threat_type_desc`. From its records and https://threatfox.abuse.ch/api/ ("Get IOC /
 * threat types").
 *
 * @returns null for a threat type that is not known
 */
export function describeThreatType(threatType: string): string | null {
  return threats.get(threatType) ?? null;
}

/**
 * ThreatFox's `ioc_type_desc`, word by word, "delivery" of an ip:port included.
 *
 * @returns null for a pair that is not known
 * @see describeThreatType
 */
export function describeIocType(threatType: string, iocType: string): string | null {
  return iocs.get(`${threatType} ${iocType}`) ?? null;
}

/** The page of a malware family by its Malpedia key, as ThreatFox links it; null for what cannot be a key. */
export function linkMalpedia(malware: string): string | null {
  return /^[\w.-]+$/u.test(malware) ? `https://malpedia.caad.fkie.fraunhofer.de/details/${malware}` : null;
}
