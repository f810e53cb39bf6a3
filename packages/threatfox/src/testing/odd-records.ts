import fc from "fast-check";

const hashes = {
  md5_hash: 32,
  sha1_hash: 40,
  sha224_hash: 56,
  sha256_hash: 64,
  sha384_hash: 96,
  sha512_hash: 128,
  sha3_384_hash: 96,
  imphash: 32,
  tlsh: 70,
};

const anything = fc.string({ unit: "binary", minLength: 1 });
const nasty = fc.string({ unit: fc.constantFrom(..."aZ09.:[]/\\@%' \t\n\"é|<>^`{}?#\0\u2028😀") });
const address = fc.oneof(fc.ipV4(), fc.ipV6());
const port = fc.integer({ min: -1, max: 70_000 });

const ofType: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "ip:port": fc.oneof(
    address,
    fc.tuple(address, port).map(([host, number]) => `${host}:${number}`),
    fc.tuple(fc.ipV6(), port).map(([host, number]) => `[${host}]:${number}`),
  ),
  domain: fc.oneof(fc.domain(), fc.constantFrom("münchen.example", "EXAMPLE.com.", "x'y.example"), nasty),
  url: fc
    .tuple(
      fc.oneof(
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        fc.ipV6().map((host) => `http://[${host}]:8080`),
        fc.constantFrom("http://user:p'w\\@h.example", "HTTP://MÜNCHEN.example", "ftp://x.example"),
      ),
      nasty,
    )
    .map((parts) => parts.join("/")),
  envelope_from: fc.tuple(nasty, fc.domain()).map((parts) => parts.join("@")),
  ssdeep: fc.constant("3:abc+/:def"),
  unheard_of: anything,
};

function hexadecimal(digits: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.constantFrom(..."0123456789abcdefABCDEF"),
    minLength: digits,
    maxLength: digits,
  });
}

const iocs = Object.entries({
  ...ofType,
  ...Object.fromEntries(Object.entries(hashes).map(([type, digits]) => [type, hexadecimal(digits)])),
}).map(([type, ioc]) => fc.record({ ioc_type: fc.constant<unknown>(type), ioc }));

const odd: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      ...[null, "", "None", 0, 100, "75.5", 101, -1, true, "1"],
      ...["2026-01-02 03:04:05 UTC", "9999-12-31", "0000-01-01", "0001-01-01 00:00:00 +14:00"],
      ...["win.cobalt_strike", "elf.mirai", "unknown", "Win.UPPER x", ["a", "b", "a"], "a,b,,c"],
      ...["https://example.com/a?b#c", "https://exämple.com/ä b", "http://[::1]:80/x|y", "CVE-2020-1234"],
    ),
  },
  anything,
  fc.jsonValue(),
);

const fields = [
  ...["malware", "malware_printable", "malware_alias", "confidence_level", "first_seen", "last_seen"],
  ...["reference", "reporter", "tags", "is_compromised", "threat_type", "__proto__"],
];

/** Records of every type with everything that ever stood, and never should stand, in their fields. */
export const oddRecord = fc
  .tuple(
    fc.oneof(fc.nat().map(String), fc.constantFrom("CVE-2020-1234", "CAPEC-1", "a b/ü"), anything),
    fc.oneof({ weight: 6, arbitrary: fc.oneof(...iocs) }, fc.record({ ioc_type: odd, ioc: anything })),
    fc.dictionary(fc.constantFrom(...fields), odd, { minKeys: 4 }),
  )
  .map(([id, ioc, others]) => ({ threat_type: "botnet_cc", ...others, ...ioc, id }))
  .filter(({ id, ioc }) => id.trim() !== "" && ioc.trim() !== "");
