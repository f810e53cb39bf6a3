import { type Indicator, plainIndicator } from "./indicator.js";

interface HashForm {
  /** A name of STIX 2.1's vocabulary `hash-algorithm-ov`, or of the same form where that has none. */
  readonly algorithm: string;
  /** What a hash of this kind looks like, as the rest of a sentence. */
  readonly looks: string;
  readonly form: RegExp;
  /** Absent: the case counts. */
  readonly spell?: (value: string) => string;
}

/** Forms by ThreatFox's `ioc_type`, without the ending `_hash`. */
const hashForms: ReadonlyMap<string, HashForm> = new Map([
  ["md5", hexadecimal("MD5", 32)],
  ["sha1", hexadecimal("SHA-1", 40)],
  ["sha224", hexadecimal("SHA-224", 56)],
  ["sha256", hexadecimal("SHA-256", 64)],
  ["sha384", hexadecimal("SHA-384", 96)],
  ["sha512", hexadecimal("SHA-512", 128)],
  ["sha3_224", hexadecimal("SHA3-224", 56)],
  ["sha3_256", hexadecimal("SHA3-256", 64)],
  ["sha3_384", hexadecimal("SHA3-384", 96)],
  ["sha3_512", hexadecimal("SHA3-512", 128)],
  ["imphash", hexadecimal("IMPHASH", 32)],
  [
    "tlsh",
    {
      algorithm: "TLSH",
      looks: "70 hexadecimal digits, with or without T1 before them",
      form: /^(?:T1)?[0-9a-f]{70}$/iu,
      spell: (value) => value.toUpperCase(),
    },
  ],
  [
    "ssdeep",
    {
      algorithm: "SSDEEP",
      looks: "a block size and two hashes, with colons between them",
      form: /^\d{1,10}:[A-Za-z0-9+/]*:[A-Za-z0-9+/]*$/u,
    },
  ],
]);

/** Reads an IOC of a hash type, in one spelling. One of another type, or that does not look like such a hash, stays as given. */
export function parseHash(type: string | null, text: string): Indicator {
  const hash = type === null ? undefined : hashForms.get(type.replace(/_hash$/u, ""));
  if (hash === undefined) {
    return plainIndicator(type, text);
  }
  const value = text.trim();
  const { algorithm, looks, form, spell = (given) => given } = hash;
  return {
    ...(form.test(value) ? plainIndicator(type, spell(value)) : plainIndicator(type, value, `not ${looks}`)),
    hash_algorithm: algorithm,
  };
}

/**
 * The types that a hash of unknown type can have: 64 hexadecimal digits are a SHA-256, or a SHA3-256.
 *
 * @returns types that `parseIndicator` takes, the common ones first; none if the text does not look like a hash
 */
export function findHashTypes(text: string): readonly string[] {
  const value = text.trim();
  return [...hashForms].flatMap(([name, { form }]) => (form.test(value) ? [typeNamed(name)] : []));
}

/** ThreatFox calls most of them by a name that ends in `_hash`. */
function typeNamed(name: string): string {
  return ["imphash", "tlsh", "ssdeep"].includes(name) ? name : `${name}_hash`;
}

function hexadecimal(algorithm: string, digits: number): HashForm {
  return {
    algorithm,
    looks: `${digits} hexadecimal digits`,
    form: new RegExp(`^[0-9a-f]{${digits}}$`, "iu"),
    spell: (value) => value.toLowerCase(),
  };
}
