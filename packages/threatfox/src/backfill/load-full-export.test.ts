import { HttpConnectionError, HttpStatusError } from "@cti-connectors/core";
import { createLogger, parseConfig } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import { threatfoxConfig } from "../config/threatfox-config.js";
import { ExportFileError } from "../export-file/export-file.js";
import type { IocsContext, LoadProgress } from "./load-export.js";
import { loadFullExport } from "./load-full-export.js";

const url = "https://exports.example/full.json.zip";

/** How the load of an export ends whose download fails. */
async function loadWith(fault: Error): Promise<unknown> {
  const fail = () => Promise.reject(fault);
  const context: IocsContext = {
    config: parseConfig(threatfoxConfig, {}),
    http: { request: fail, json: fail, download: fail },
    checkpoint: undefined,
    store: { find: () => expect.fail("nothing is looked up"), count: fail, exists: fail },
    log: createLogger({ level: "silent" }),
    signal: new AbortController().signal,
    filesFolder: "",
    now: () => new Date("2026-11-23T10:00:00Z"),
    session: async () => undefined,
  };
  const progress: LoadProgress = { state: {}, loaded: 0 };
  const pages = loadFullExport(progress, context);
  for (;;) {
    const next = await pages.next();
    if (next.done) {
      return next.value;
    }
  }
}

test.each([
  new HttpStatusError({ status: 503, url, headers: new Map(), body: "" }),
  new HttpConnectionError("no answer", url, undefined, true),
  new ExportFileError("it is not JSON"),
])("an export that cannot be had waits for another day: $name", async (error) => {
  expect(await loadWith(error)).toEqual({ error });
});

test.each([
  new TypeError("undefined is not a function"),
  new Error("/tmp/full.json.zip cannot be written: no space left on device", {
    cause: Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }),
  }),
])("what is nobody's fault but ours, or the disk's, fails the step: $message", async (error) => {
  await expect(loadWith(error)).rejects.toBe(error);
});
