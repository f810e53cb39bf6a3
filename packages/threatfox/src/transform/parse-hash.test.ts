import { expect, test } from "vitest";
import { isHashType, parseHash } from "./parse-hash.js";

test.each([
  ["md5_hash", "MD5", 32],
  ["sha1_hash", "SHA-1", 40],
  ["sha256_hash", "SHA-256", 64],
  ["sha512_hash", "SHA-512", 128],
  ["sha3_384_hash", "SHA3-384", 96],
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

test("other types are none of hashes", () => {
  expect(["domain", "toString", "__proto__", ""].filter(isHashType)).toEqual([]);
});
