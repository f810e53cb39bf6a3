import { expect, test } from "vitest";
import { buildStixPattern, defang } from "./indicator.js";
import { parseIndicator } from "./parse-indicator.js";

test.each([
  ["ip:port", "203.0.113.5:443", "203[.]0[.]113[.]5:443"],
  ["ip:port", "[2001:db8::1]:443", "[2001[:]db8[:][:]1]:443"],
  ["ip:port", "2001:db8::1", "2001[:]db8[:][:]1"],
  ["domain", "a.c2.example", "a[.]c2[.]example"],
  [
    "url",
    "https://c2.example:8443/a.php?u=http://b.example/",
    "hxxps://c2[.]example:8443/a.php?u=http://b.example/",
  ],
  ["url", "http://[2001:db8::1]/a", "hxxp://[2001[:]db8[:][:]1]/a"],
  ["url", "ftp://u:p@c2.example/f", "fxp://u:p@c2[.]example/f"],
  ["url", "http:///c2.example/a.php", "hxxp:///c2[.]example/a.php"],
  ["url", "http://\\/[2001:db8::1]/a.php", "hxxp://\\/[2001[:]db8[:][:]1]/a.php"],
  ["url", "tcp://c2.example:4444", "tcp[:]//c2[.]example:4444"],
  ["url", "c2.example/a.php", "c2[.]example/a[.]php"],
  ["url", "hxxp://c2[.]example/x", "hxxp[:]//c2[.]example/x"],
  ["body_from", "m@mail.example", "m@mail[.]example"],
  ["md5_hash", "a695ab311e3449cacf5a2611dffac5bd", "a695ab311e3449cacf5a2611dffac5bd"],
  ["other", "http://c2.example", "hxxp://c2[.]example"],
])("%s %s", (type, ioc, defanged) => {
  expect(defang(parseIndicator(type, ioc))).toBe(defanged);
});

const md5 = "a695ab311e3449cacf5a2611dffac5bd";

test.each([
  [
    "ip:port",
    "203.0.113.5:443",
    "[network-traffic:dst_ref.value = '203.0.113.5' AND network-traffic:dst_port = 443]",
  ],
  [
    "ip:port",
    "2001:db8::1:443",
    "[network-traffic:dst_ref.value = '2001:db8::1' AND network-traffic:dst_port = 443]",
  ],
  ["ip:port", "203.0.113.5", "[ipv4-addr:value = '203.0.113.5']"],
  ["ip:port", "2001:db8::1", "[ipv6-addr:value = '2001:db8::1']"],
  ["domain", "C2.example", "[domain-name:value = 'c2.example']"],
  ["url", "http://c2.example/a'b\\c", "[url:value = 'http://c2.example/a\\'b\\\\c']"],
  ["md5_hash", md5, `[file:hashes.'MD5' = '${md5}']`],
  ["sha1_hash", "a".repeat(40), `[file:hashes.'SHA-1' = '${"a".repeat(40)}']`],
  ["sha256_hash", "a".repeat(64), `[file:hashes.'SHA-256' = '${"a".repeat(64)}']`],
  ["sha3_384_hash", "a".repeat(96), `[file:hashes.'SHA3-384' = '${"a".repeat(96)}']`],
  ["sha512_hash", "a".repeat(128), `[file:hashes.'SHA-512' = '${"a".repeat(128)}']`],
  ["tlsh", `T1${"A".repeat(70)}`, `[file:hashes.'TLSH' = 'T1${"A".repeat(70)}']`],
  [
    "ssdeep",
    "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C",
    "[file:hashes.'SSDEEP' = '3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C']",
  ],
  ["imphash", md5, `[file:extensions.'windows-pebinary-ext'.imphash = '${md5}']`],
  ["envelope_from", "o'neil@mail.example", "[email-addr:value = 'o\\'neil@mail.example']"],
  ["body_from", "m@mail.example", "[email-addr:value = 'm@mail.example']"],
])("%s %s", (type, ioc, pattern) => {
  expect(buildStixPattern(parseIndicator(type, ioc))).toBe(pattern);
});

test.each([
  ["ja4", "t13d1516h2_8daaf6152771_e5627efa2ab1"],
  ["ip:port", "203.0.113.5:99999"],
  ["ip:port", "c2.example:443"],
  ["domain", "not a domain"],
  ["url", "http://"],
  ["md5_hash", "abc"],
  ["body_from", "nobody"],
])("%s %s has none", (type, ioc) => {
  expect(buildStixPattern(parseIndicator(type, ioc))).toBeNull();
});
