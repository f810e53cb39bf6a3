import { describe, expect, test } from "vitest";
import { isExemptFromProxy } from "./is-exempt-from-proxy.js";

describe("isExemptFromProxy", () => {
  test.each([
    ["*", "https://a.example/"],
    ["example.com", "https://example.com/"],
    ["example.com", "https://taxii.example.com/"],
    [".example.com", "https://taxii.example.com/"],
    [".example.com", "https://example.com/"],
    ["*.example.com", "https://a.b.example.com/"],
    ["EXAMPLE.com.", "https://taxii.Example.COM./"],
    ["a.example, b.example", "https://b.example/"],
    ["a.example  b.example", "https://b.example/"],
    [" ,a.example,, ", "https://a.example/"],
    ["a.example:8443", "https://a.example:8443/"],
    ["a.example:443", "https://a.example/"],
    ["a.example:80", "http://a.example/"],
    ["10.0.0.0/8", "https://10.1.2.3/"],
    ["172.16.0.0/12", "https://172.31.255.255/"],
    ["192.168.1.5", "https://192.168.1.5:9000/"],
    ["192.168.1.5:9000", "https://192.168.1.5:9000/"],
    ["0.0.0.0/0", "https://203.0.113.5/"],
    ["fd00::/8", "https://[fd12:3456::1]/"],
    ["2001:DB8::1", "https://[2001:db8:0::1]/"],
    ["[2001:db8::1]:443", "https://[2001:db8::1]/"],
    ["[2001:db8::1]", "https://[2001:db8::1]:8443/"],
  ])("%j names %s", (noProxy, target) => {
    expect(isExemptFromProxy(new URL(target), noProxy)).toBe(true);
  });

  test.each([
    [undefined, "https://a.example/"],
    ["", "https://a.example/"],
    [" , ", "https://a.example/"],
    ["example.com", "https://notexample.com/"],
    ["taxii.example.com", "https://example.com/"],
    ["a.example:8443", "https://a.example/"],
    ["10.0.0.0/8", "https://11.0.0.1/"],
    ["10.0.0.0/8", "https://10.example/"],
    ["10.0.0.0/33", "https://10.0.0.1/"],
    ["10/8", "https://10.0.0.1/"],
    ["0.0.0.1", "https://10.0.0.1/"],
    ["192.168.1.5:9000", "https://192.168.1.5/"],
    ["fd00::/8", "https://10.0.0.1/"],
    ["10.0.0.0/8", "https://[fd00::1]/"],
    ["2001:db8::2", "https://[2001:db8::1]/"],
    [".", "https://a.example/"],
  ])("%j does not name %s", (noProxy, target) => {
    expect(isExemptFromProxy(new URL(target), noProxy)).toBe(false);
  });
});
