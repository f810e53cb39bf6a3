import { describe, expect, test } from "vitest";
import { explainForeignRedirect } from "./follow-redirects.js";

function explain(
  from: string,
  to: string,
  options: { setting?: string | undefined; sendsKey?: boolean } = {},
) {
  const setting = "setting" in options ? options.setting : "MITRE_TAXII_URL";
  return explainForeignRedirect({
    from: new URL(from),
    to: new URL(to),
    setting,
    sendsKey: options.sendsKey ?? false,
  });
}

describe("explainForeignRedirect", () => {
  test("knows http that should have been https", () => {
    expect(explain("http://a.example/taxii2/", "https://a.example/taxii2/?token=x")).toBe(
      "it redirects to https://a.example/taxii2/, which uses https: change MITRE_TAXII_URL to start with https://a.example",
    );
    expect(explain("http://a.example:8080/", "https://a.example/", { setting: undefined })).toContain(
      "use https://a.example instead",
    );
  });

  test("knows a proxy whose server does not know that it is reached by https", () => {
    expect(explain("https://a.example/taxii2/", "http://a.example/taxii2/", { sendsKey: true })).toBe(
      "the server's proxy is misconfigured: it redirects to http://a.example/taxii2/, without TLS, and that is not followed so that the key is not sent there; its administrator must make it redirect to https",
    );
    expect(explain("https://a.example:8443/taxii2", "http://a.example/taxii2/")).toContain(
      "until then, use an address in MITRE_TAXII_URL that needs no redirect, such as https://a.example:8443/taxii2/",
    );
  });

  test("names any other place, without what may be secret in it", () => {
    expect(explain("https://a.example/", "https://user:hunter2@b.example/login?next=abc#d")).toBe(
      "it redirects to another origin, https://b.example/login, and that is not followed; if it is the right place, change MITRE_TAXII_URL",
    );
    expect(explain("http://a.example/", "https://www.a.example/")).toContain(
      "another origin, https://www.a.example/,",
    );
  });
});
