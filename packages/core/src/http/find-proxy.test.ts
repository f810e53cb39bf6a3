import { beforeEach, describe, expect, test, vi } from "vitest";
import { describeProxy, findProxy, isExemptFromProxy, proxySecrets } from "./find-proxy.js";
import { HttpUrlError } from "./http-errors.js";

const variables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];

/** This test's environment has these variables for proxies, and no others. */
function setEnvironment(values: Readonly<Record<string, string>>): void {
  for (const name of variables.flatMap((variable) => [variable, variable.toLowerCase()])) {
    vi.stubEnv(name, values[name]);
  }
}

function proxyOf(target: string): string | undefined {
  const proxy = findProxy(new URL(target));
  return proxy && `${proxy.variable} ${proxy.url.href}`;
}

beforeEach(() => {
  setEnvironment({});
  return () => vi.unstubAllEnvs();
});

describe("findProxy", () => {
  test("goes by the scheme of the address, capitals or not", () => {
    setEnvironment({ HTTPS_PROXY: "http://a:1", http_proxy: "http://b:2" });
    expect(proxyOf("https://example.com/")).toBe("HTTPS_PROXY http://a:1/");
    expect(proxyOf("http://example.com/")).toBe("http_proxy http://b:2/");
  });

  test("takes ALL_PROXY where no other is set, and a host without a scheme", () => {
    setEnvironment({ ALL_PROXY: "http://a:1" });
    expect(proxyOf("https://example.com/")).toBe("ALL_PROXY http://a:1/");
    setEnvironment({ HTTPS_PROXY: "proxy.example.com:3128", HTTP_PROXY: " u:p@proxy:1 " });
    expect(proxyOf("https://example.com/")).toBe("HTTPS_PROXY http://proxy.example.com:3128/");
    expect(proxyOf("http://example.com/")).toBe("HTTP_PROXY http://u:p@proxy:1/");
    setEnvironment({ HTTP_PROXY: "proxy:1" });
    expect(proxyOf("https://example.com/")).toBeUndefined();
  });

  test("leaves out what NO_PROXY names", () => {
    setEnvironment({ HTTPS_PROXY: "http://a:1", NO_PROXY: "exact.example,.example.com, other.example:8443" });
    expect(proxyOf("https://exact.example/")).toBeUndefined();
    expect(proxyOf("https://taxii.example.com/")).toBeUndefined();
    expect(proxyOf("https://other.example:8443/")).toBeUndefined();
    expect(proxyOf("https://other.example/")).toMatch(/^HTTPS_PROXY/);
    expect(proxyOf("https://sub.exact.example/")).toBeUndefined();
    setEnvironment({ HTTPS_PROXY: "http://a:1", NO_PROXY: "*" });
    expect(proxyOf("https://example.com/")).toBeUndefined();
  });

  test.each(["http://127.0.0.1:1/", "http://127.1/", "https://[::1]:1/", "http://LOCALHOST/"])(
    "never stands between us and this machine: %s",
    (target) => {
      setEnvironment({ HTTPS_PROXY: "http://a:1", HTTP_PROXY: "http://a:1", ALL_PROXY: "http://a:1" });
      expect(proxyOf(target)).toBeUndefined();
    },
  );

  test("says so where a variable names a SOCKS proxy", () => {
    setEnvironment({ ALL_PROXY: "socks5h://u:hunter2@a:1" });
    const find = () => findProxy(new URL("https://example.com/"));
    expect(find).toThrow(HttpUrlError);
    expect(find).toThrow(/^ALL_PROXY names a SOCKS proxy, which is not supported(?!.*hunter)/);
  });

  test.each(["ftp://u:hunter2@a:1", "http://u:hunter%2@a:1", "http://u:hunter2", "http://hunter2@"])(
    "names the variable where %s cannot be used, and does not show it",
    (address) => {
      setEnvironment({ HTTPS_PROXY: address });
      const find = () => findProxy(new URL("https://example.com/"));
      expect(find).toThrow(HttpUrlError);
      expect(find).toThrow(/^HTTPS_PROXY must be the address of an HTTP proxy(?!.*hunter)/);
    },
  );
});

test("a proxy is described without user and password, which are secrets as written and decoded", () => {
  setEnvironment({ HTTPS_PROXY: "http://loader:hunter%232@proxy.example.com:3128" });
  const proxy = findProxy(new URL("https://example.com/")) ?? expect.unreachable();
  expect(describeProxy(proxy)).toBe("the proxy proxy.example.com:3128 (HTTPS_PROXY)");
  expect(proxySecrets(proxy)).toEqual(["hunter%232", "hunter#2"]);
});

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
