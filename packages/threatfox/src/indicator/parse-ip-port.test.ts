import { expect, test } from "vitest";
import { parseIpPort } from "./parse-ip-port.js";

test.each([
  ["203.0.113.5:443", "203.0.113.5:443", "203.0.113.5", 443, 4],
  [" 203.0.113.5:443 ", "203.0.113.5:443", "203.0.113.5", 443, 4],
  ["203.0.113.5:0443", "203.0.113.5:443", "203.0.113.5", 443, 4],
  ["203.0.113.5", "203.0.113.5", "203.0.113.5", null, 4],
  ["[2001:db8::1]:443", "[2001:db8::1]:443", "2001:db8::1", 443, 6],
  ["[2001:DB8:0::1]:443", "[2001:db8::1]:443", "2001:db8::1", 443, 6],
  ["[2001:db8::1]", "2001:db8::1", "2001:db8::1", null, 6],
  ["2001:db8::1", "2001:db8::1", "2001:db8::1", null, 6],
  ["2001:db8::1:443", "[2001:db8::1]:443", "2001:db8::1", 443, 6],
  ["2001:db8::1:abcd", "2001:db8::1:abcd", "2001:db8::1:abcd", null, 6],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", null, 6],
  ["2001:db8:1:2:3:4:5:6:8080", "[2001:db8:1:2:3:4:5:6]:8080", "2001:db8:1:2:3:4:5:6", 8080, 6],
  ["[::ffff:203.0.113.5]:443", "203.0.113.5:443", "203.0.113.5", 443, 4],
  ["::FFFF:cb00:7105:443", "203.0.113.5:443", "203.0.113.5", 443, 4],
  ["::1", "::1", "::1", null, 6],
])("%s is %s", (text, value, host, port, ip_version) => {
  expect(parseIpPort("ip:port", text)).toEqual({
    type: "ip:port",
    value,
    host,
    port,
    ip_version,
    hash_algorithm: null,
  });
});

test.each([
  ["203.0.113.5:0", "203.0.113.5", "the port is not a number from 1 to 65535"],
  ["203.0.113.5:", "203.0.113.5", "the port is not a number from 1 to 65535"],
  ["203.0.113.5:99999", "203.0.113.5", "the port is not a number from 1 to 65535"],
  ["[2001:db8::1]:http", "2001:db8::1", "the port is not a number from 1 to 65535"],
  ["2001:db8::1:99999", "2001:db8::1", "the port is not a number from 1 to 65535"],
])("%s keeps its host, and its value as given", (text, host, problem) => {
  expect(parseIpPort("ip:port", text)).toMatchObject({ value: text, host, port: null, problem });
});

test("a name in place of the address is kept with its port", () => {
  expect(parseIpPort("ip:port", "C2.example:8443")).toMatchObject({
    value: "C2.example:8443",
    host: "c2.example",
    port: 8443,
    ip_version: null,
    problem: "the host is a name, not an IP address",
  });
});

test.each(["", ":", "[", "[]", "[]:80", "[203.0.113.5]:80", "[2001:db8::1]443", "1::2::3", "a b:80"])(
  "%j has no host",
  (text) => {
    expect(parseIpPort("ip:port", text)).toMatchObject({
      value: text,
      host: null,
      port: null,
      problem: expect.stringContaining("neither"),
    });
  },
);
