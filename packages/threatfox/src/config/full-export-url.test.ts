import { parseConfig } from "@cti-connectors/core";
import { expect, test } from "vitest";
import { fullExportUrl } from "./full-export-url.js";
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
