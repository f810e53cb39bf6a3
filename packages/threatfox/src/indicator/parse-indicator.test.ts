import { expect, test } from "vitest";
import { parseIndicator } from "./parse-indicator.js";

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
