import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { parseURL } from "whatwg-url";
import { readPlainDomain, readPlainUrl } from "./plain-url.js";

vi.setConfig({ testTimeout: 120_000 });

const options = { seed: 20_261_128, numRuns: 3_000 };
const label = fc.string({
  unit: fc.constantFrom(...["a", "Z", "0", "9", "_", "-", "xn--", "0x", "K", "ſ", "ü"]),
  maxLength: 6,
});
const host = fc.oneof(
  fc.array(label, { maxLength: 4 }).map((labels) => labels.join(".")),
  fc.ipV4(),
  fc.domain(),
);
const rest = fc.string({
  unit: fc.constantFrom(..."aZ0./\\%2eE?#'\"<>^`{}[]|:@!$&()*+,;=~_- \té"),
  maxLength: 12,
});

test.each([
  ["evil.example", "evil.example"],
  ["C2.Evil.Example", "c2.evil.example"],
  ["_dmarc.a-b.example", "_dmarc.a-b.example"],
  ...[
    "",
    "evil.example.",
    "1.2.3.4",
    "1.2.3",
    "a.0x1",
    "xn--a.example",
    "-a.example",
    "a..b",
    "ü.example",
  ].map((text) => [text, undefined]),
  [`${"a".repeat(64)}.example`, undefined],
  [`${"a.".repeat(124)}example`, undefined],
])("%s as a domain is %s", (text = "", expected) => {
  expect(readPlainDomain(text)).toBe(expected);
});

test("a plain domain is what the URL standard makes of it", () => {
  fc.assert(
    fc.property(host, (text) => {
      const plain = readPlainDomain(text);
      fc.pre(plain !== undefined);
      expect(parseURL(`http://${text}/`)?.host).toBe(plain);
    }),
    options,
  );
});

test.each(["http://a.example", "HTTPS://A.Example:443/a//b/?#", "http://203.0.113.5:0080/%41?a=%zz#b"])(
  "%s is a plain URL",
  (text) => {
    expect(readPlainUrl(text)).toEqual(parseURL(text));
  },
);

test.each([
  ...["ftp://a.example/", "http://a.example:/", "http://a.example:99999/", "http://u@a.example/"],
  ...[
    "http://a.example/../b",
    "http://a.example/%2E",
    "http://a.example/a b",
    "http://a.example/?'",
    "http:a.example",
  ],
])("%s is none", (text) => {
  expect(readPlainUrl(text)).toBeUndefined();
});

test("a plain URL is what the URL standard makes of it", () => {
  const scheme = fc.constantFrom("http://", "https://", "HTTP://", "hTtPs://");
  const port = fc.oneof(
    fc.constantFrom("", ":", ":80", ":443", ":0", ":00080"),
    fc.nat(70_000).map((number) => `:${number}`),
  );
  let plainOnes = 0;
  fc.assert(
    fc.property(scheme, host, port, rest, (...parts) => {
      const text = parts.join("");
      const plain = readPlainUrl(text);
      fc.pre(plain !== undefined);
      plainOnes += 1;
      expect(plain).toEqual(parseURL(text));
    }),
    options,
  );
  expect(plainOnes).toBeGreaterThan(500);
});
