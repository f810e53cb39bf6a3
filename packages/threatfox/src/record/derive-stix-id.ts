import { v5 } from "uuid";

/**
 * Namespace of our STIX ids: the UUIDv5 of `https://threatfox.abuse.ch/` in RFC 9562's URL namespace. STIX 2.1
 * (section 2.9) reserves its own namespace, 00abedb4-…, for observables.
 */
export const threatfoxNamespace = "50f4547e-3cf4-599f-b5b1-dfdeab483221";

/** What ThreatFox's records become in STIX. */
export type StixType = "bundle" | "identity" | "indicator" | "malware" | "relationship";

/**
 * The same STIX id for the same thing in every database.
 *
 * @param type a STIX object type
 * @param key what ThreatFox knows the thing by: the id of an IOC, the Malpedia key of a malware family
 */
export function deriveStixId<Type extends StixType>(type: Type, key: string): `${Type}--${string}` {
  return `${type}--${v5(Buffer.from(`${type}:${key}`), threatfoxNamespace)}`;
}
