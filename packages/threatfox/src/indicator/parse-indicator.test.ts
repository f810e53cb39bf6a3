import { expect, test } from "vitest";
import { findHost, parseDomain, parseEmail, parseIndicator, parseIpPort } from "./parse-indicator.js";

test.each([
  ["ip:port", "203.0.113.5:443", { host: "203.0.113.5", port: 443 }],
  ["domain", "C2.example", { host: "c2.example" }],
  ["url", "http://C2.example/", { host: "c2.example", path: "/" }],
  ["envelope_from", "m@Mail.example", { host: "mail.example" }],
  ["body_from", "m@Mail.example", { host: "mail.example" }],
  ["md5_hash", "A".repeat(32), { value: "a".repeat(32), hash_algorithm: "MD5" }],
])("%s is taken apart", (type, ioc, parts) => {
  expect(parseIndicator(type, ioc)).toMatchObject({ type, ...parts });
});

test.each([
  ["domain", "Evil.example:443", { host: "evil.example", port: 443, problem: "not a domain name" }],
  ["domain", "http://evil.example", { host: "evil.example", port: null }],
  ["domain", "evil.example/path", { host: "evil.example" }],
  ["url", "www.evil.example/x", { host: "www.evil.example", problem: "not a URL" }],
  ["url", "evil.example:8080/x", { host: "evil.example", port: 8080 }],
  ["url", "[::ffff:203.0.113.5]/x", { host: "203.0.113.5", ip_version: 4 }],
  ["ip:port", "http://203.0.113.5:443/", { host: "203.0.113.5", port: 443, ip_version: 4 }],
  ["envelope_from", "evil.example", { host: "evil.example", problem: "not an e-mail address" }],
])("%s %j is kept as given, with its host", (type, ioc, parts) => {
  expect(parseIndicator(type, ioc)).toMatchObject({
    type,
    value: ioc,
    problem: expect.any(String),
    ...parts,
  });
});

test.each([
  ["domain", "localhost"],
  ["domain", "*.evil.example"],
  ["url", "javascript:alert(1)"],
])("%s %j has no host", (type, ioc) => {
  expect(parseIndicator(type, ioc)).toMatchObject({ value: ioc, host: null, problem: expect.any(String) });
});

test.each([
  ["ip:port", "203.0.113.5:443", { address: "203.000.113.005" }],
  ["ip:port", "2001:DB8::1", { address: "[2001:0db8:0000:0000:0000:0000:0000:0001]" }],
  ["ip:port", "[::ffff:203.0.113.5]:443", { address: "203.000.113.005" }],
  ["ip:port", "C2.example:443", { reversed_domain: "example.c2." }],
  ["domain", "C2.Example.", { reversed_domain: "example.c2." }],
  ["domain", "203.0.113.5", { address: "203.000.113.005" }],
  ["domain", "c2.example/path", { reversed_domain: "example.c2." }],
  ["url", "http://user@C2.example:8080/x", { reversed_domain: "example.c2." }],
  ["url", "http://[2001:db8::1]/", { address: "[2001:0db8:0000:0000:0000:0000:0000:0001]" }],
  ["envelope_from", "m@Mail.example", { reversed_domain: "example.mail." }],
  ["domain", "localhost", {}],
  ["md5_hash", "a".repeat(32), {}],
  ["ja4", "c2.example", {}],
])("%s %j is found by %j", (type, ioc, spelled) => {
  const { address, reversed_domain } = parseIndicator(type, ioc);
  expect({ ...(address && { address }), ...(reversed_domain && { reversed_domain }) }).toEqual(spelled);
});

test.each(["ja4", "", "toString", "__proto__", "IP:PORT", null])(
  "type %j keeps its value as given",
  (type) => {
    expect(parseIndicator(type, " Some.Thing ")).toEqual({
      type,
      value: " Some.Thing ",
      host: null,
      port: null,
      ip_version: null,
      hash_algorithm: null,
    });
  },
);

test.each([
  ["203.0.113.5:443", "203.0.113.5:443", "203.0.113.5", 443, 4],
  [" 203.0.113.5:443 ", "203.0.113.5:443", "203.0.113.5", 443, 4],
  ["203.0.113.5:0443", "203.0.113.5:443", "203.0.113.5", 443, 4],
  ["203.0.113.5", "203.0.113.5", "203.0.113.5", null, 4],
  ["[2001:db8::1]:443", "[2001:db8::1]:443", "2001:db8::1", 443, 6],
  ["[2001:DB8:0::1]:443", "[2001:db8::1]:443", "2001:db8::1", 443, 6],
  ["[2001:db8::1]", "2001:db8::1", "2001:db8::1", null, 6],
  ["2001:db8::1", "2001:db8::1", "2001:db8::1", null, 6],
  ["2001:db8::1:443", "[2001:db8::1]:443", "2001:db8::1", 443, 6],
  ["2001:db8::1:abcd", "2001:db8::1:abcd", "2001:db8::1:abcd", null, 6],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", null, 6],
  ["2001:db8:1:2:3:4:5:6:8080", "[2001:db8:1:2:3:4:5:6]:8080", "2001:db8:1:2:3:4:5:6", 8080, 6],
  ["[::ffff:203.0.113.5]:443", "203.0.113.5:443", "203.0.113.5", 443, 4],
  ["::FFFF:cb00:7105:443", "203.0.113.5:443", "203.0.113.5", 443, 4],
  ["::1", "::1", "::1", null, 6],
])("%s is %s", (text, value, host, port, ip_version) => {
  expect(parseIpPort("ip:port", text)).toEqual({
    type: "ip:port",
    value,
    host,
    port,
    ip_version,
    hash_algorithm: null,
  });
});

test.each([
  ["203.0.113.5:0", "203.0.113.5", "the port is not a number from 1 to 65535"],
  ["203.0.113.5:", "203.0.113.5", "the port is not a number from 1 to 65535"],
  ["203.0.113.5:99999", "203.0.113.5", "the port is not a number from 1 to 65535"],
  ["[2001:db8::1]:http", "2001:db8::1", "the port is not a number from 1 to 65535"],
  ["2001:db8::1:99999", "2001:db8::1", "the port is not a number from 1 to 65535"],
])("%s keeps its host, and its value as given", (text, host, problem) => {
  expect(parseIpPort("ip:port", text)).toMatchObject({ value: text, host, port: null, problem });
});

test("a name in place of the address is kept with its port", () => {
  expect(parseIpPort("ip:port", "C2.example:8443")).toMatchObject({
    value: "C2.example:8443",
    host: "c2.example",
    port: 8443,
    ip_version: null,
    problem: "the host is a name, not an IP address",
  });
});

test.each(["", ":", "[", "[]", "[]:80", "[203.0.113.5]:80", "[2001:db8::1]443", "1::2::3", "a b:80"])(
  "%j has no host",
  (text) => {
    expect(parseIpPort("ip:port", text)).toMatchObject({
      value: text,
      host: null,
      port: null,
      problem: expect.stringContaining("no IP address or host name"),
    });
  },
);

test("a domain is its value and its host, in one spelling", () => {
  expect(parseDomain("domain", " C2.MÜNCHEN.example. ")).toEqual({
    type: "domain",
    value: "c2.xn--mnchen-3ya.example",
    host: "c2.xn--mnchen-3ya.example",
    port: null,
    ip_version: null,
    hash_algorithm: null,
  });
});

test("an address given as a domain can be found as a host", () => {
  expect(parseDomain("domain", "203.0.113.5")).toMatchObject({
    value: "203.0.113.5",
    host: "203.0.113.5",
    ip_version: 4,
    problem: "an IP address, not a domain name",
  });
});

test.each([
  ...["c2.example:8080", "c2.example/path", "", "xn--a"],
  ...["$(reboot).com", "*.google.com", "a,b.com", "o'brien.com", "-a.com"],
])("%j is kept as given", (text) => {
  expect(parseDomain("domain", text)).toMatchObject({
    value: text,
    host: null,
    problem: "not a domain name",
  });
});

test.each(["com", "LOCALHOST", "com."])("%j is a single label, kept as given", (text) => {
  expect(parseDomain("domain", text)).toMatchObject({
    value: text,
    host: null,
    problem: "a single label, not a domain name",
  });
});

test.each(
  [
    ["Mallory@Mail.Example.", "Mallory@mail.example", "mail.example"],
    ['"a@b"@mail.example', '"a@b"@mail.example', "mail.example"],
    ['"a\\"@b"@mail.example', '"a\\"@b"@mail.example', "mail.example"],
    ["o'brien@mail.example", "o'brien@mail.example", "mail.example"],
    ["m@münchen.example", "m@xn--mnchen-3ya.example", "xn--mnchen-3ya.example"],
  ].map(([text = "", value = "", host = ""]) => ({ text, value, host })),
)("$text", ({ text, value, host }) => {
  const indicator = parseEmail("envelope_from", text);
  expect(indicator).toMatchObject({ type: "envelope_from", value, host });
  expect(indicator.problem).toBeUndefined();
});

test.each([
  "",
  "@",
  "m@",
  "@mail.example",
  "mail.example",
  "m m@mail.example",
  "m@n@mail.example",
  '"a"@b@mail.example',
  '"a@mail.example',
  "M <m@mail.example>",
  "m@203.0.113.5",
])("%j is kept as given", (text) => {
  expect(parseEmail("body_from", text)).toMatchObject({
    value: text,
    host: null,
    problem: "not an e-mail address",
  });
});

test("no mail server passes on a longer address than 256 characters", () => {
  expect(parseEmail("body_from", `${"a".repeat(257)}@mail.example`).problem).toBe("not an e-mail address");
});

test.each([
  ["evil.example:443", "evil.example", 443, null],
  ["evil.example:80", "evil.example", 80, null],
  [" EVIL.example./a:1 ", "evil.example", null, null],
  ["http://evil.example", "evil.example", null, null],
  ["tcp://evil.example:4444/x", "evil.example", 4444, null],
  ["//evil.example/x", "evil.example", null, null],
  ["www.evil.example/x?y=http://other.example/", "www.evil.example", null, null],
  ["user:secret@evil.example:8080/x", "evil.example", 8080, null],
  ["münchen.example/x", "xn--mnchen-3ya.example", null, null],
  ["203.0.113.5/x", "203.0.113.5", null, 4],
  ["http://203.0.113.5:8080/", "203.0.113.5", 8080, 4],
  ["[2001:DB8::1]:443/x", "2001:db8::1", 443, 6],
  ["[::ffff:203.0.113.5]/x", "203.0.113.5", null, 4],
])("%j points at %s", (text, host, port, ip_version) => {
  expect(findHost(text)).toEqual({ host, port, ip_version });
});

test.each([
  ...["", "com", "localhost:80", "http://localhost/x", "javascript:alert(1)", "mailto:a", "/etc/passwd"],
  ...[
    "*.evil.example",
    "o'brien.example",
    "a..b",
    "evil.example:99999",
    "xn--a.com/x",
    "hxxp://c2[.]example/",
  ],
])("%j has no host", (text) => {
  expect(findHost(text)).toBeUndefined();
});
