import { expect, test } from "vitest";
import { urlSetting } from "./url-setting.js";

test.each(["http://127.0.0.1:1234/taxii2/", "https://example.com"])("takes %s as it is", (url) => {
  expect(urlSetting().parse(url)).toBe(url);
});

test.each([
  ["example.com", "must be an address that starts with http:// or https://"],
  ["ftp://example.com", "must be an address that starts with http:// or https://"],
  ["http://", "must be an address that starts with http:// or https://"],
  ["https://user:pass@example.com", "must not hold a user name or password"],
  [undefined, "must be an address that starts with http:// or https://"],
])("refuses %s", (url, message) => {
  expect(
    urlSetting()
      .safeParse(url)
      .error?.issues.map((issue) => issue.message),
  ).toEqual([message]);
});
