import { describe, expect, test } from "vitest";
import { cobaltStrike, storeIoc } from "../testing/stored-ioc.js";
import { ExclusionListError, parseExclusionLists } from "./exclusion-list.js";

const read = (...texts: readonly string[]) =>
  parseExclusionLists(texts.map((text, index) => ({ name: `list-${index + 1}`, text })));

describe("a list with every kind of entry", () => {
  const { excludes } = read(
    [
      "\uFEFF# our own",
      "",
      "203.0.113.5 # the VPN",
      "  198.51.100.0/24",
      "2001:db8:1::/48",
      "::ffff:192.0.2.128/121",
      "Example.COM.",
      "*.wild.example",
      ".dot.example",
      "münchen.example",
    ].join("\r\n"),
    "2001:DB8:2:0::1\n8.8.8.8/0031",
  );

  test.each([
    ["ip:port", "203.0.113.5:443"],
    ["ip:port", "[::ffff:203.0.113.5]:443"],
    ["ip:port", "198.51.100.255:1"],
    ["ip:port", "192.0.2.129:1"],
    ["ip:port", "[2001:db8:1:ffff::1]:443"],
    ["ip:port", "[2001:db8:2::1]:443"],
    ["ip:port", "203.0.113.5:99999"],
    ["url", "http://198.51.100.7/a"],
    ["url", "http://[2001:db8:1::2]/a"],
    ["url", "https://u:p@EXAMPLE.com:8443/a"],
    ["domain", "example.com"],
    ["domain", "a.b.example.com"],
    ["domain", "wild.example"],
    ["domain", "a.dot.example"],
    ["domain", "xn--mnchen-3ya.example"],
    ["envelope_from", "m@mail.example.com"],
    ["unheard_of", "198.51.100.7"],
  ])("excludes %s %s", (ioc_type, ioc) => {
    expect(excludes(storeIoc({ ...cobaltStrike, ioc_type, ioc }))).toBe(true);
  });

  test.each([
    ["ip:port", "203.0.113.6:443"],
    ["ip:port", "198.51.101.0:1"],
    ["ip:port", "192.0.2.127:1"],
    ["ip:port", "[2001:db8:3::1]:443"],
    ["ip:port", "8.8.8.10:443"],
    ["domain", "notexample.com"],
    ["domain", "example.com.evil.example"],
    ["url", "https://evil.example/?u=example.com"],
    ["url", "https://example.com@evil.example/"],
    ["md5_hash", "0123456789abcdef0123456789abcdef"],
    ["unheard_of", "example.com"],
  ])("does not exclude %s %s", (ioc_type, ioc) => {
    expect(excludes(storeIoc({ ...cobaltStrike, ioc_type, ioc }))).toBe(false);
  });

  test.each([null, "203.0.113.5", {}, { enriched: { indicator: { host: 1, value: "203.0.113.5" } } }])(
    "does not exclude a document that it cannot read: %j",
    (document) => {
      expect(excludes(document)).toBe(false);
    },
  );
});

test("everything of a family, and nothing", () => {
  const ioc = storeIoc(cobaltStrike);
  expect(read("0.0.0.0/0").excludes(ioc)).toBe(true);
  expect(read("::/0").excludes(ioc)).toBe(false);
  expect(read("# nothing\n\n").excludes(ioc)).toBe(false);
  expect(read().excludes(ioc)).toBe(false);
});

test.each([
  ...["10/8", "10.1", "0x7f000001", "010.0.0.1", "10.0.0.0/33", "fc00::/129", "10.0.0.0-10.0.0.9"],
  ...[
    "[2001:db8::1]",
    "http://example.com/",
    "a b.example",
    "*",
    "*.*.example",
    "203.0.113.5:443",
    "-",
    "a;b",
  ],
])("%j is wrong: the error names list, line and entry", (entry) => {
  const attempt = () => read("example.com", `# fine\n203.0.113.5\n${entry} # comment\nexample.net`);
  expect(attempt).toThrow(ExclusionListError);
  expect(attempt).toThrow(`list-2, line 3: ${JSON.stringify(entry)} is not an IP address`);
});

test("a list of 65,536 networks", { timeout: 60_000 }, () => {
  const networks = Array.from({ length: 65_536 }, (_, index) => `11.${index >> 8}.${index & 255}.0/24`);
  const { excludes } = read(networks.join("\n"));
  expect(excludes(storeIoc({ ...cobaltStrike, ioc: "11.255.255.1:80" }))).toBe(true);
  expect(excludes(storeIoc({ ...cobaltStrike, ioc: "12.0.0.1:80" }))).toBe(false);
});
