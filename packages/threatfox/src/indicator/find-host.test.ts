import { expect, test } from "vitest";
import { findHost } from "./find-host.js";

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
