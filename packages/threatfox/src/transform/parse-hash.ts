import { type Indicator, plainIndicator } from "./indicator.js";

/** Algorithm and length in hexadecimal digits. */
interface HashForm {
  readonly algorithm: string;
  readonly digits: number;
}

/** By ThreatFox's `ioc_type`. */
const hashForms: ReadonlyMap<string, HashForm> = new Map([
  ["md5_hash", { algorithm: "MD5", digits: 32 }],
  ["sha1_hash", { algorithm: "SHA-1", digits: 40 }],
  ["sha256_hash", { algorithm: "SHA-256", digits: 64 }],
  ["sha512_hash", { algorithm: "SHA-512", digits: 128 }],
  ["sha3_384_hash", { algorithm: "SHA3-384", digits: 96 }],
]);

/** Tells whether an `ioc_type` is one of the hash types that this package knows. */
export function isHashType(type: string): boolean {
  return hashForms.has(type);
}

/** Reads an IOC of a hash type: lower case; one of the wrong length or with other characters stays as given. */
export function parseHash(type: string, text: string): Indicator {
  const value = text.trim();
  const form = hashForms.get(type);
  if (form === undefined) {
    return plainIndicator(type, value);
  }
  const wellFormed = value.length === form.digits && /^[0-9a-f]*$/iu.test(value);
  return {
    ...(wellFormed
      ? plainIndicator(type, value.toLowerCase())
      : plainIndicator(type, value, `not ${form.digits} hexadecimal digits`)),
    hash_algorithm: form.algorithm,
  };
}
