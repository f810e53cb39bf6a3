import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { createLogger } from "@cti-connectors/core/host";
import { expect, onTestFinished, test } from "vitest";
import { createServerApp } from "../../src/index.js";

test("the page is served: its files, and itself for each of its addresses", async () => {
  const folder = await mkdtemp(join(tmpdir(), "page-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "page", "assets"), { recursive: true });
  await writeFile(join(folder, "page", "index.html"), "<!doctype html>the page");
  await writeFile(join(folder, "page", "assets", "main-1a2b.js"), "script");
  await writeFile(join(folder, "page", "assets", "long-1a2b.js"), "script".repeat(1000));
  await writeFile(join(folder, "secret.txt"), "not the page's");
  const app = createServerApp({
    store: { async *find() {}, count: async () => 0, exists: async () => false },
    collections: { iocs: "threatfox_raw", vulnerabilities: "kev" },
    status: () => Promise.reject(new Error("not asked")),
    searched: async () => [],
    rejected: () => Promise.reject(new Error("not asked")),
    log: createLogger({ level: "silent" }),
    page: pathToFileURL(`${join(folder, "page")}/`),
  });
  const ask = async (path: string, accept = "*/*") => {
    const answer = await app.request(`http://localhost${path}`, { headers: { accept } });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };

  for (const path of ["/", "/index.html", "/matrix", "/attack/T1059.001", "/family/win.emotet"]) {
    const { status, text, headers } = await ask(path, "text/html,*/*;q=0.8");
    expect([path, status, text]).toEqual([path, 200, "<!doctype html>the page"]);
    expect(headers.get("content-type")).toMatch(/^text\/html/);
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(headers.get("content-security-policy")).toContain("default-src 'self'");
  }
  const script = await ask("/assets/main-1a2b.js");
  expect([script.status, script.text]).toEqual([200, "script"]);
  expect(script.headers.get("content-type")).toMatch(/javascript/);
  expect(script.headers.get("cache-control")).toContain("immutable");

  const compressed = await app.request("http://localhost/assets/long-1a2b.js", {
    headers: { "accept-encoding": "gzip" },
  });
  expect(compressed.headers.get("content-encoding")).toBe("gzip");
  const bytes = Buffer.from(await compressed.arrayBuffer());
  expect(gunzipSync(bytes).toString()).toBe("script".repeat(1000));

  for (const path of [
    "/nosuch.js",
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/api/nosuch",
  ]) {
    const { status, text } = await ask(path);
    expect([path, status]).toEqual([path, 404]);
    expect(text).not.toContain("not the page's");
  }
});
