import { expect, test } from "vitest";
import { parseUrl } from "./parse-url.js";

test.each([
  ["http://c2.example", "http://c2.example", "c2.example", 80, null, "/"],
  ["HTTPS://C2.Example./A?b#c", "https://c2.example/A?b#c", "c2.example", 443, null, "/A"],
  ["http://c2.example:80/a", "http://c2.example/a", "c2.example", 80, null, "/a"],
  ["http://203.0.113.5:4444/fwlink", "http://203.0.113.5:4444/fwlink", "203.0.113.5", 4444, 4, "/fwlink"],
  ["http://0xcb007105/", "http://203.0.113.5/", "203.0.113.5", 80, 4, "/"],
  ["http://[2001:DB8:0::1]:8080/x", "http://[2001:db8::1]:8080/x", "2001:db8::1", 8080, 6, "/x"],
  ["http://[::FFFF:cb00:7105]:80/x", "http://[::ffff:203.0.113.5]/x", "203.0.113.5", 80, 4, "/x"],
  ["ftp://u:p@c2.example/f", "ftp://u:p@c2.example/f", "c2.example", 21, null, "/f"],
  [
    "http://münchen.example/ä b",
    "http://xn--mnchen-3ya.example/ä b",
    "xn--mnchen-3ya.example",
    80,
    null,
    "/%C3%A4%20b",
  ],
  ["tcp://C2.example:4444", "tcp://c2.example:4444", "c2.example", 4444, null, ""],
  ["ws2://MÜNCHEN.example/x", "ws2://xn--mnchen-3ya.example/x", "xn--mnchen-3ya.example", null, null, "/x"],
  ["http://c2.exa\nmple/x", "http://c2.example/x", "c2.example", 80, null, "/x"],
  ["http://c2.example/a'b\\c", "http://c2.example/a'b\\c", "c2.example", 80, null, "/a'b/c"],
])("%s", (text, value, host, port, ip_version, path) => {
  expect(parseUrl("url", text)).toEqual({
    type: "url",
    value,
    host,
    port,
    ip_version,
    path,
    hash_algorithm: null,
  });
});

test.each([
  ["http:///c2.example/x", "c2.example"],
  ["http:\\\\c2.example\\x", "c2.example"],
  ["http://c2.example/a\nb", "c2.example"],
])("%j keeps its spelling, and has a host", (text, host) => {
  expect(parseUrl("url", text)).toMatchObject({ value: text, host });
});

test.each([
  ["c2.example/x", "not a URL"],
  ["http://", "not a URL"],
  ["http://c2.example:99999/", "not a URL"],
  ["hxxp://c2[.]example/x", "not a URL"],
  ["http://a b.example/", "not a URL"],
  ["http://xn--a.com/", "not a URL"],
  ["c2.example:8080/x", "the URL names no host"],
  ["mailto:a@c2.example", "the URL names no host"],
  ["file:///etc/passwd", "the URL names no host"],
])("%s is kept as given: %s", (text, problem) => {
  expect(parseUrl("url", ` ${text} `)).toEqual({
    type: "url",
    value: text,
    host: null,
    port: null,
    ip_version: null,
    hash_algorithm: null,
    problem,
  });
});
