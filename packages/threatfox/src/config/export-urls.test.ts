import { parseConfig, secretValues } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import {
  authorizeExportUrl,
  fullExportUrl,
  hideExportKey,
  publicApiUrl,
  recentExportUrl,
} from "./export-urls.js";
import { threatfoxConfig } from "./threatfox-config.js";

test.each<[Readonly<Record<string, string>>, string]>([
  [{}, "https://threatfox.abuse.ch/export/json/full/"],
  [{ API_URL: "https://threatfox-api.abuse.ch/api/v2/" }, "https://threatfox.abuse.ch/export/json/full/"],
  [{ API_URL: "http://127.0.0.1:8080/api/v1/" }, "http://127.0.0.1:8080/files/exports/full.json.zip"],
  [
    { API_URL: "https://mirror.example/api/v1/", THREATFOX_EXPORT_URL: "https://exports.example/full.json" },
    "https://exports.example/full.json",
  ],
])("with %j the full export is %s", (environment, url) => {
  expect(fullExportUrl(parseConfig(threatfoxConfig, environment))).toBe(url);
});

test.each([
  [{ API_URL: publicApiUrl }, "https://threatfox.abuse.ch/export/json/recent/"],
  [{ API_URL: "http://127.0.0.1:8080/api/v1/" }, "http://127.0.0.1:8080/files/exports/recent.json"],
  [
    { API_URL: publicApiUrl, THREATFOX_RECENT_URL: "https://mirror.example/r.json" },
    "https://mirror.example/r.json",
  ],
])("with %j it is %s", (config, url) => {
  expect(recentExportUrl(config)).toBe(url);
});

const api = "https://threatfox-api.abuse.ch/api/v1/";

test("the key goes to the exports of the API's origin, and replaces another one", () => {
  const url = "https://threatfox-api.abuse.ch/files/exports/full.json.zip";
  expect(authorizeExportUrl(url, api, "a&b").href).toBe(`${url}?auth-key=a%26b`);
  expect(authorizeExportUrl(`${url}?auth-key=old`, api, "new").href).toBe(`${url}?auth-key=new`);
  expect(authorizeExportUrl(url, api, undefined).href).toBe(url);
});

test.each([
  "https://threatfox.abuse.ch/export/json/full/",
  "https://threatfox.abuse.ch/files/exports/full.json.zip",
  "http://threatfox-api.abuse.ch/files/exports/full.json.zip",
  "https://threatfox-api.abuse.ch:8443/files/exports/full.json.zip",
  "https://threatfox-api.abuse.ch.evil.example/files/exports/full.json.zip",
  "https://threatfox-api.abuse.ch/other/full.json.zip",
  "https://threatfox-api.abuse.ch/files/exports/../../other",
])("%s gets no key", (url) => {
  expect(authorizeExportUrl(url, api, "abcd").href).toBe(new URL(url).href);
});

test.each([
  ["https://threatfox.example/v2/files/exports/my-key_1/full.json.zip?a=1", "my-key_1"],
  [`https://threatfox.example/v2/files/exports/${"0a".repeat(24)}/full.json.zip`, "0a".repeat(24)],
  ["https://threatfox.example/files/exports/full.json.zip?auth-key=short", "short"],
])("in %s the key is a secret, and not shown", (url, key) => {
  expect(hideExportKey(url)).toBe(url.replace(key, "[redacted]"));
  for (const name of ["THREATFOX_EXPORT_URL", "THREATFOX_RECENT_URL", "THREATFOX_BACKFILL"]) {
    expect(secretValues(threatfoxConfig, parseConfig(threatfoxConfig, { [name]: url }))).toEqual([key]);
  }
});

test.each([
  "https://threatfox.example/v2/files/exports/full.json.zip",
  "https://threatfox.example/?to=/files/exports/x/full.json.zip",
])("%s holds no key", (url) => {
  expect(hideExportKey(url)).toBe(url);
});

test("a folder is no key", () => {
  const config = { THREATFOX_BACKFILL: "/srv/files/exports/today/full.json" };
  expect(secretValues(threatfoxConfig, config)).toEqual([]);
});
