import { expect, test } from "vitest";
import { publicApiUrl } from "./full-export-url.js";
import { recentExportUrl } from "./recent-export-url.js";

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
