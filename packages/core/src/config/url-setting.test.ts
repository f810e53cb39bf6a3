import { expect, test } from "vitest";
import { explainInsecureUrl, urlSetting } from "./url-setting.js";

test.each(["http://127.0.0.1:1234/taxii2/", "https://example.com"])("takes %s as it is", (url) => {
  expect(urlSetting().parse(url)).toBe(url);
});

test.each([
  ["example.com", "must be an address that starts with http:// or https://"],
  ["ftp://example.com", "must be an address that starts with http:// or https://"],
  ["http://", "must be an address that starts with http:// or https://"],
  ["https://user:pass@example.com", "must not contain a user name or password"],
  [undefined, "must be an address that starts with http:// or https://"],
])("refuses %s", (url, message) => {
  expect(
    urlSetting()
      .safeParse(url)
      .error?.issues.map((issue) => issue.message),
  ).toEqual([message]);
});

test.each([
  "https://threatfox-api.abuse.ch/api/v1/",
  "https://203.0.113.5/",
  "http://127.0.0.1:8080/api/v1/",
  "http://127.1/",
  "http://[::1]:8080/",
  "http://LOCALHOST:8080/",
])("%s may have the key", (url) => {
  expect(explainInsecureUrl(url, "the key is sent there")).toBeUndefined();
});

test.each([
  "http://threatfox-api.abuse.ch/api/v1/",
  "http://203.0.113.5/",
  "http://127.0.0.1.example.com/",
  "http://127.evil.example/",
  "http://localhost.example.com/",
  "http://evil.localhost.example/",
  "http://notlocalhost/",
  "http://evil.localhost/",
  "http://[2001:db8::1]/",
  "http://0.0.0.0/",
  "http://user:pass@evil.example/",
  "http://127.0.0.1@evil.example/",
  "ftp://127.0.0.1/",
  "threatfox-api.abuse.ch",
  "",
])("%s may not", (url) => {
  expect(explainInsecureUrl(url, "the key is sent there")).toContain("https://");
});

test("says why", () => {
  expect(explainInsecureUrl("http://203.0.113.5/", "the key is sent there")).toBe(
    "must start with https://, because the key is sent there; http:// is for this machine only (127.0.0.1, [::1], localhost)",
  );
});
