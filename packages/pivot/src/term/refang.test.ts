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
  ["hxxp[s]://c2.example", "https://c2.example"],
  ["[http]://c2.example", "http://c2.example"],
  ["htt[p]://c2.example", "http://c2.example"],
  ["hXXps[:]//c2.example", "https://c2.example"],
  ["hxxp:[//]c2.example", "http://c2.example"],
  ["hxxp[:][/][/]c2.example[/]a", "http://c2.example/a"],
  ["hxxp__c2.example/a", "http://c2.example/a"],
  ["http:\\\\c2.example/a", "http://c2.example/a"],
  ["http:\\/\\/c2.example\\/a", "http://c2.example/a"],
  ["http:// c2 .example /a", "http://c2.example/a"],
  ["meow://c2.example", "http://c2.example"],
  ["meows://c2.example", "https://c2.example"],
  ["xxxxs://c2.example", "https://c2.example"],
  ["ttp://c2.example", "http://c2.example"],
  ["tcp[:]//c2[.]example:4444", "tcp://c2.example:4444"],
  ["c2[d]example", "c2.example"],
  ["c2(d)example", "c2.example"],
  ["c2<.>example", "c2.example"],
  ["c2[,]example", "c2.example"],
  ["c2\\[.\\]example", "c2.example"],
  ["c2^.example", "c2.example"],
  ["c2 dot example", "c2.example"],
  ["c2 .example", "c2.example"],
  ["c2．example", "c2.example"],
  ["203。0。113。5", "203.0.113.5"],
  ["203,0,113,5", "203.0.113.5"],
  ["203.0.113.5:", "203.0.113.5"],
  ["2001:db8::,", "2001:db8::"],
  ["[www].c2.example", "www.c2.example"],
  ["m (at) mail (dot) example", "m@mail.example"],
  ["m at mail dot example", "m@mail.example"],
  ["m at mail.example", "m@mail.example"],
  ["c2\u200b.exam\u00adple\ufeff", "c2.example"],
  ["`c2[.]example`,", "c2.example"],
  ["“c2.example”", "c2.example"],
  ["«c2.example».", "c2.example"],
  ["'\"c2.example\"'", "c2.example"],
  ["c2.example)", "c2.example"],
  ['"c2.example', "c2.example"],
  ["- c2.example", "c2.example"],
  ["c2.example;", "c2.example"],
])("%s is %s", (defanged, plain) => {
  expect(refang(defanged)[0]).toBe(plain);
});

test.each([
  "http://c2.example/a?u=http://b.example/[x]",
  "[2001:db8::1]:443",
  "T1059.001",
  "Cobalt Strike",
  "win.cobalt_strike",
  "hxxpected",
  "look at me",
  "version-dot-project.c2.example",
  "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C",
  "2001:db8::",
  "",
])("%j stays as it is", (text) => {
  expect(refang(text)[0]).toBe(text);
});

test("a URL may have brackets and marks of its own", () => {
  expect(refang("hxxp://c2[.]example/a[.]b(at)c,")).toEqual([
    "http://c2.example/a.b@c,",
    "http://c2.example/a[.]b(at)c,",
    "hxxp://c2[.]example/a[.]b(at)c,",
    "http://c2.example/a.b@c",
    "http://c2.example/a[.]b(at)c",
    "hxxp://c2[.]example/a[.]b(at)c",
  ]);
});

test("a long line is read in no time", () => {
  for (const text of [" ", "[ ", "a.", "([", " dot", "hxxp ", "\\", "''"]) {
    const long = `a${text.repeat(50_000)}a`;
    expect(refang(long)[0].length).toBeGreaterThan(0);
  }
});
