import { expect, test } from "vitest";
import { refang } from "./refang.js";

test.each([
  ["hxxps://c2[.]example/a", "https://c2.example/a"],
  ["HXXP://c2[.]example", "http://c2.example"],
  ["hxxp[:]//c2[.]example/a[.]php", "http://c2.example/a.php"],
  ["hxxp[://]c2.example", "http://c2.example"],
  ["h**p://c2.example", "http://c2.example"],
  ["fxp://c2.example/f", "ftp://c2.example/f"],
  ["c2(.)example", "c2.example"],
  ["c2 [dot] example", "c2.example"],
  ["c2{DOT}example", "c2.example"],
  ["203[.]0[.]113[.]5:443", "203.0.113.5:443"],
  ["203.0.113[.]0/24", "203.0.113.0/24"],
  ["[2001[:]db8[:][:]1]:443", "[2001:db8::1]:443"],
  ["2001[:]db8[:][:]1", "2001:db8::1"],
  ["m[at]mail[.]example", "m@mail.example"],
  ["m [@] mail.example", "m@mail.example"],
  ["c2\\.example", "c2.example"],
  ["<http://c2.example/>", "http://c2.example/"],
  ['"Cobalt Strike"', "Cobalt Strike"],
  ["c2[.example", "c2.example"],
  ["www.]c2.]example", "www.c2.example"],
  ["(hxxp://c2[.]example/)", "http://c2.example/"],
  ["[203.0.113.5]", "203.0.113.5"],
  ["[2001:db8::1]", "2001:db8::1"],
  ["203.0.113.5.", "203.0.113.5"],
  ["T1059.001,", "T1059.001"],
])("%s is %s", (defanged, plain) => {
  expect(refang(defanged)).toBe(plain);
});

test.each([
  "http://c2.example/a?u=http://b.example/[x]",
  "http://c2.example/a.",
  "[2001:db8::1]:443",
  "T1059.001",
  "Cobalt Strike",
  "win.cobalt_strike",
  "hxxpected",
  "",
])("%j stays as it is", (text) => {
  expect(refang(text)).toBe(text);
});
