import { beforeEach, describe, expect, test, vi } from "vitest";
import { describeProxy, findProxy, proxySecrets } from "./find-proxy.js";
import { HttpUrlError } from "./http-url-error.js";

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
