import { expect, test } from "vitest";
import { authorizeExportUrl } from "./authorize-export-url.js";

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
