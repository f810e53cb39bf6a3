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
