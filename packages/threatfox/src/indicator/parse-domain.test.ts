import { expect, test } from "vitest";
import { parseDomain } from "./parse-domain.js";

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
