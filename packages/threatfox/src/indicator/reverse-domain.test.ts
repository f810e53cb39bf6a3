import { expect, test } from "vitest";
import { reverseDomain } from "./reverse-domain.js";

test.each([
  ["www.example.com", "com.example.www."],
  ["Example.COM.", "com.example."],
  ["münchen.example", "example.xn--mnchen-3ya."],
  ["com", "com."],
])("%s is %s", (domain, reversed) => {
  expect(reverseDomain(domain)).toBe(reversed);
});

test.each(["", ".", "203.0.113.5", "2001:db8::1", "example.com/path", "*.example.com"])(
  "%j is not a domain name",
  (text) => {
    expect(reverseDomain(text)).toBeUndefined();
  },
);

test("what lies at or below a domain begins with its reversed name, and nothing else does", () => {
  const of = (domain: string) => reverseDomain(domain) ?? expect.fail(`${domain} is not a domain name`);
  const domains = ["example.com", "a.example.com", "b.a.example.com", "example.com.net", "notexample.com"];
  expect(domains.filter((domain) => of(domain).startsWith(of("example.com")))).toEqual([
    "example.com",
    "a.example.com",
    "b.a.example.com",
  ]);
  expect(of("example-2.com").startsWith(of("example.com"))).toBe(false);
});
