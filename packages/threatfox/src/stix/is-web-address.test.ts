import { expect, test } from "vitest";
import { isWebAddress } from "./is-web-address.js";

test.each([
  "https://example.com",
  "http://example.com:8080/a/b.html?c=d&e=/?#f",
  "https://user:pw@example.com/%C3%A4",
  "http://[2001:db8::1]:443/",
  "https://web.archive.org/web/2026/https://example.com/",
])("%s is one", (text) => expect(isWebAddress(text)).toBe(true));

test.each([
  "",
  "example.com",
  "ftp://example.com/",
  "https://",
  "https://example.com/a b",
  "https://example.com/|",
  "https://example.com/%zz",
  "https://exämple.com/",
  "https://example.com/#a#b",
  "https://example.com/\nhttps://example.com/",
  "https://example.com:99999/",
])("%j is none", (text) => expect(isWebAddress(text)).toBe(false));
