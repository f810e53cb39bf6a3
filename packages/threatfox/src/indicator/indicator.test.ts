import { expect, test } from "vitest";
import { defang } from "./indicator.js";
import { parseIndicator } from "./parse-indicator.js";

test.each([
  ["ip:port", "203.0.113.5:443", "203[.]0[.]113[.]5:443"],
  ["ip:port", "[2001:db8::1]:443", "[2001[:]db8[:][:]1]:443"],
  ["ip:port", "2001:db8::1", "2001[:]db8[:][:]1"],
  ["domain", "a.c2.example", "a[.]c2[.]example"],
  [
    "url",
    "https://c2.example:8443/a.php?u=http://b.example/",
    "hxxps://c2[.]example:8443/a.php?u=http://b.example/",
  ],
  ["url", "http://[2001:db8::1]/a", "hxxp://[2001[:]db8[:][:]1]/a"],
  ["url", "ftp://u:p@c2.example/f", "fxp://u:p@c2[.]example/f"],
  ["url", "http:///c2.example/a.php", "hxxp:///c2[.]example/a.php"],
  ["url", "http://\\/[2001:db8::1]/a.php", "hxxp://\\/[2001[:]db8[:][:]1]/a.php"],
  ["url", "tcp://c2.example:4444", "tcp[:]//c2[.]example:4444"],
  ["url", "c2.example/a.php", "c2[.]example/a[.]php"],
  ["url", "hxxp://c2[.]example/x", "hxxp[:]//c2[.]example/x"],
  ["body_from", "m@mail.example", "m@mail[.]example"],
  ["md5_hash", "a695ab311e3449cacf5a2611dffac5bd", "a695ab311e3449cacf5a2611dffac5bd"],
  ["other", "http://c2.example", "hxxp://c2[.]example"],
])("%s %s", (type, ioc, defanged) => {
  expect(defang(parseIndicator(type, ioc))).toBe(defanged);
});
