import { expect, test } from "vitest";
import { findHashTypes, parseHash } from "./parse-hash.js";
import { parseIndicator } from "./parse-indicator.js";

test.each([
  ["md5_hash", "MD5", 32],
  ["sha1_hash", "SHA-1", 40],
  ["sha256_hash", "SHA-256", 64],
  ["sha224_hash", "SHA-224", 56],
  ["sha384_hash", "SHA-384", 96],
  ["sha512_hash", "SHA-512", 128],
  ["sha3_224_hash", "SHA3-224", 56],
  ["sha3_256_hash", "SHA3-256", 64],
  ["sha3_384_hash", "SHA3-384", 96],
  ["sha3_512_hash", "SHA3-512", 128],
  ["imphash", "IMPHASH", 32],
  ["md5", "MD5", 32],
])("%s is %s with %i digits", (type, algorithm, digits) => {
  expect(parseHash(type, ` ${"A0".repeat(digits / 2)} `)).toEqual({
    type,
    value: "a0".repeat(digits / 2),
    host: null,
    port: null,
    ip_version: null,
    hash_algorithm: algorithm,
  });
  for (const wrong of ["A".repeat(digits - 1), "A".repeat(digits + 1), "G".repeat(digits), ""]) {
    expect(parseHash(type, wrong)).toMatchObject({
      value: wrong,
      hash_algorithm: algorithm,
      problem: `not ${digits} hexadecimal digits`,
    });
  }
});

test.each([
  ["tlsh", `t1${"a0".repeat(35)}`, `T1${"A0".repeat(35)}`],
  ["tlsh_hash", "A0".repeat(35), "A0".repeat(35)],
  ["ssdeep", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C"],
  ["ssdeep_hash", " 96:a+/b: ", "96:a+/b:"],
])("%s %j is a fuzzy hash in one spelling", (type, text, value) => {
  const indicator = parseHash(type, text);
  expect(indicator).toMatchObject({ type, value, hash_algorithm: type.replace("_hash", "").toUpperCase() });
  expect(indicator.problem).toBeUndefined();
});

test.each([
  ["tlsh", `T2${"a0".repeat(35)}`],
  ["tlsh", "TNULL"],
  ["ssdeep", "AXGBicFlgVNhBGcL6wCrFQEv"],
  ["ssdeep", "3:a b:c"],
])("%s %j stays as given", (type, text) => {
  expect(parseHash(type, text)).toMatchObject({ value: text, problem: expect.stringMatching(/^not /u) });
});

test.each(["domain", "toString", "__proto__", "", null])("%j is no type of hash", (type) => {
  expect(parseHash(type, " a0 ")).toMatchObject({ type, value: " a0 ", hash_algorithm: null });
});

test.each([
  ["A".repeat(32), ["md5_hash", "imphash"]],
  [` ${"a".repeat(40)}\n`, ["sha1_hash"]],
  ["0".repeat(64), ["sha256_hash", "sha3_256_hash"]],
  ["0".repeat(128), ["sha512_hash", "sha3_512_hash"]],
  [`T1${"a".repeat(70)}`, ["tlsh"]],
  ["3:abc:def", ["ssdeep"]],
  ["0".repeat(63), []],
  ["g".repeat(32), []],
  ["", []],
])("%j can be %j", (text, types) => {
  expect(findHashTypes(text)).toEqual(types);
  for (const type of types) {
    expect(parseIndicator(type, text)).not.toHaveProperty("problem");
    expect(parseIndicator(type, text).hash_algorithm).not.toBeNull();
  }
});
