import { tmpdir } from "node:os";
import { createHttpClient, createLogger, parseConfig } from "@cti-connectors/core/host";
import { expect, onTestFinished, test } from "vitest";
import { threatfoxConfig } from "../config/threatfox-config.js";
import { serveAnswers } from "../testing/serve-answers.js";
import { obtainExport } from "./obtain-export.js";

const apiHere = (url: string) => ({ API_URL: new URL("/api/v1/", url).href });
const apiElsewhere = (url: string) => ({ API_URL: "https://api.example/", THREATFOX_EXPORT_URL: url });

test.each([
  ["the full export beside the API", apiHere, "/files/exports/full.json.zip", "THREATFOX_EXPORT_URL"],
  ["another export", apiHere, "/other.json", "THREATFOX_BACKFILL or --backfill"],
  ["the full export elsewhere", apiElsewhere, "/full.json", "THREATFOX_EXPORT_URL"],
])(
  "where %s is redirected to another origin, the error names its setting",
  async (_name, environmentOf, path, setting) => {
    const server = await serveAnswers({ status: 302, headers: { location: "https://elsewhere.example/" } });
    onTestFinished(server.close);
    const url = new URL(path, server.url).href;
    const config = parseConfig(threatfoxConfig, environmentOf(url));
    const http = createHttpClient({
      settings: { origin: new URL(config.API_URL).origin, urlSetting: "API_URL" },
      log: createLogger({ level: "error", format: "json", destination: { write: () => {} } }),
      signal: new AbortController().signal,
    });
    const obtained = obtainExport(url, {
      ...{ http, config, filesFolder: tmpdir() },
      previous: undefined,
      now: () => new Date(),
    });
    await expect(obtained.next()).rejects.toThrow(`if it is the right place, change ${setting}`);
  },
);

test("a file that is gone since the settings were read is named, in one line", async () => {
  const ask = () => expect.fail("nothing is asked for");
  const obtained = obtainExport("/nowhere/full.json", {
    http: { request: ask, json: ask, download: ask },
    config: parseConfig(threatfoxConfig, {}),
    filesFolder: tmpdir(),
    previous: undefined,
    now: () => new Date(),
  });
  await expect(obtained.next()).rejects.toThrow(/^\/nowhere\/full\.json cannot be read: ENOENT[^\n]*$/);
});
