import { expect, test } from "vitest";
import { parseHost, parsePort, readUrl } from "./parse-host.js";

test.each([
  ["203.0.113.5", "203.0.113.5", 4],
  [" 203.0.113.5\n", "203.0.113.5", 4],
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1", 6],
  ["::ffff:203.0.113.5", "203.0.113.5", 4],
  ["::FFFF:cb00:7105", "203.0.113.5", 4],
  ["0:0:0:0:0:ffff:203.0.113.5", "203.0.113.5", 4],
  ["64:ff9b::203.0.113.5", "64:ff9b::cb00:7105", 6],
  ["::203.0.113.5", "::cb00:7105", 6],
  ["WWW.Example.COM", "www.example.com", null],
  ["example.com.", "example.com", null],
  ["münchen.example", "xn--mnchen-3ya.example", null],
  ["example。com", "example.com", null],
  ["_dmarc.example.com", "_dmarc.example.com", null],
  ["a--b.1-2.example", "a--b.1-2.example", null],
  ["localhost", "localhost", null],
])("%j is the host %s", (text, host, ip_version) => {
  expect(parseHost(text)).toEqual({ host, ip_version });
});

// Unicode 16 has this character, and the ICU of some Nodes has not.
test("a domain is read by the same version of Unicode on every Node", () => {
  expect(parseHost("\u{1fae9}.example")).toEqual({ host: "xn--b39h.example", ip_version: null });
});

test.each([
  "",
  ".",
  "..",
  "a..example",
  "example.com/path",
  "example.com:80",
  "exa\tmple.com",
  "exa%6dple.com",
  "user@example.com",
  "[2001:db8::1]",
  "fe80::1%eth0",
  "*.example.com",
  "$(reboot).example",
  "a,b.example",
  "o'brien.example",
  "-a.example",
  "a-.example",
  "-",
  "1.2.3",
  "0x7f.1",
  "010.0.0.1",
  "256.0.0.1",
  // Node 24 takes these for domains, Node 20 and 22 do not.
  ...["xn--a.com", "xn--.example", "xn--zn7c.com", "xn--0.com"],
  // Node 20 and 24 take this one for a domain: xn--a- is "a" in punycode.
  "xn--a-.com",
  `${"a".repeat(64)}.example`,
  `${"a.".repeat(126)}example`,
])("%j is no host", (text) => {
  expect(parseHost(text)).toBeUndefined();
});

test("reads a URL, by the same rules on every Node", () => {
  expect(readUrl("http://MÜNCHEN.example:8080/x")).toMatchObject({
    scheme: "http",
    host: "xn--mnchen-3ya.example",
    port: 8080,
  });
  expect(readUrl("http://xn--a.com/")).toBeUndefined();
  expect(readUrl("evil.example/x")).toBeUndefined();
});

test("a path may be long, and a host of any length costs no time", { timeout: 30_000 }, () => {
  expect(readUrl(`http://c2.example/${"é/".repeat(2_000)}`)).toMatchObject({ host: "c2.example" });
  const host = Array.from({ length: 1_000_000 }, (_, index) =>
    String.fromCodePoint(0x4e00 + (index % 20_000)),
  );
  for (const before of ["http://", "http:\\\\", "http:////", "tcp://"]) {
    expect(readUrl(`${before}${host.join("")}/`)).toBeUndefined();
  }
});

test.each([
  ["1", 1],
  ["0443", 443],
  ["65535", 65_535],
])("%s is port %i", (text, port) => {
  expect(parsePort(text)).toBe(port);
});

test.each(["", "0", "65536", "-1", "80a", "8e1", " 80", "１"])("%j is no port", (text) => {
  expect(parsePort(text)).toBeUndefined();
});
