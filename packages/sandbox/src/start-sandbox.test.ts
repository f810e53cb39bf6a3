import { Agent, get } from "node:http";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { startSandbox } from "./start-sandbox.js";
import {
  askThreatfox,
  getTaxii,
  icsId,
  openSandbox,
  writeFiles,
  writeTwoReleases,
} from "./testing/sandbox.js";

const listSchema = z.array(z.unknown());

describe("a sandbox", () => {
  test("has a built-in data set, recent to ThreatFox", async () => {
    const sandbox = await openSandbox();
    expect(sandbox.taxiiUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/taxii2\/$/);
    expect(sandbox.threatfoxUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/$/);
    const { body } = await getTaxii(sandbox, "/api/v21/collections/");
    expect(body.collections).toHaveLength(3);
    const recent = listSchema.parse((await askThreatfox(sandbox, { query: "get_iocs" })).data);
    expect(recent).toHaveLength(25);
    const today = listSchema.parse((await askThreatfox(sandbox, { query: "get_iocs", days: 1 })).data);
    expect(today.length).toBeGreaterThan(0);
    expect(today.length).toBeLessThan(recent.length);
  });

  test("has no collection where no file is given", async () => {
    const sandbox = await openSandbox({ attackFiles: [] });
    expect((await getTaxii(sandbox, "/api/v21/collections/")).body).toEqual({ collections: [] });
    expect((await getTaxii(sandbox, "/taxii2/")).body).toMatchObject({ api_roots: ["/api/v21"] });
  });

  test("has a key of its own", async () => {
    const [one, other] = [await openSandbox(), await openSandbox()];
    expect(one.authKey).toMatch(/^[0-9a-f]{48}$/);
    expect(one.authKey).not.toBe(other.authKey);
  });

  test("keeps every request in order, with what came and what was answered", async () => {
    const sandbox = await openSandbox();
    const { text } = await getTaxii(sandbox, "/api/v21/collections/?match%5Btype%5D=x", { "x-note": "1" });
    await askThreatfox(sandbox, { query: "get_iocs", days: 9 });
    await getTaxii(sandbox, "/nope", {});
    expect(sandbox.requests).toMatchObject([
      {
        upstream: "taxii",
        method: "GET",
        url: "/api/v21/collections/?match%5Btype%5D=x",
        headers: { "x-note": "1", accept: "application/taxii+json;version=2.1" },
        status: 200,
        requestBytes: 0,
        responseBytes: Buffer.byteLength(text),
      },
      {
        upstream: "threatfox",
        method: "POST",
        url: "/api/v1/",
        headers: { "auth-key": sandbox.authKey },
        body: '{"query":"get_iocs","days":9}',
        status: 200,
        requestBytes: 29,
      },
      { upstream: "taxii", url: "/nope", status: 404 },
    ]);
    expect(sandbox.requests[0]).not.toHaveProperty("body");
  });

  test("counts the bytes that it sent", async () => {
    const sandbox = await openSandbox({ taxii: { etag: true } });
    const path = `/api/v21/collections/${icsId}/objects/`;
    const first = await getTaxii(sandbox, path);
    await getTaxii(sandbox, path, { "if-none-match": first.headers.get("etag") ?? "" });
    sandbox.addFault({ upstream: "taxii", answer: { kind: "truncate" } });
    await expect(getTaxii(sandbox, path)).rejects.toThrow();
    sandbox.addFault({ upstream: "taxii", answer: { kind: "html", status: 502 } });
    const page = await getTaxii(sandbox, path);
    await fetch(sandbox.threatfoxExportUrl, { method: "HEAD" });
    const whole = Buffer.byteLength(first.text);
    expect(sandbox.requests.map(({ status, responseBytes }) => [status, responseBytes])).toEqual([
      [200, whole],
      [304, 0],
      [200, Math.floor(whole / 2)],
      [502, page.text.length],
      [200, 0],
    ]);
  });

  test("starts on the ports it is given", async () => {
    const first = await startSandbox();
    const ports = [first.taxiiUrl, first.threatfoxUrl].map((url) => Number(new URL(url).port));
    await first.close();
    const second = await openSandbox({ taxiiPort: ports[0] ?? 0, threatfoxPort: ports[1] ?? 0 });
    expect([second.taxiiUrl, second.threatfoxUrl]).toEqual([first.taxiiUrl, first.threatfoxUrl]);
  });
});

describe("startSandbox refuses", () => {
  test("a port that is taken, and leaves nothing behind", async () => {
    const sandbox = await openSandbox();
    const taken = Number(new URL(sandbox.threatfoxUrl).port);
    await expect(startSandbox({ threatfoxPort: taken })).rejects.toThrow(/EADDRINUSE/);
  });

  test("two bundles of the same release", async () => {
    const [older = "", newer = ""] = await writeTwoReleases();
    await expect(startSandbox({ attackFiles: [older, newer, newer] })).rejects.toThrow(
      /both contain ICS ATT&CK 18\.1: give only one of them/,
    );
  });

  test("a file that is missing or holds something else", async () => {
    const [file = ""] = await writeFiles({ "iocs.json": { data: [{ id: 1 }] } });
    await expect(startSandbox({ attackFiles: ["/nowhere/a.json"] })).rejects.toThrow(/\/nowhere\/a\.json/);
    await expect(startSandbox({ threatfoxFile: "/nowhere/iocs.json" })).rejects.toThrow(
      /cannot read the ThreatFox records of \/nowhere\/iocs\.json/,
    );
    await expect(startSandbox({ threatfoxFile: file })).rejects.toThrow(
      /iocs\.json: it is neither a get_iocs answer, nor a list of its records, nor an export\n.*data\[0\]\.id/s,
    );
  });
});

describe("close", () => {
  test("does not wait for connections that are kept alive, nor for answers that are put off", async () => {
    const sandbox = await startSandbox();
    const agent = new Agent({ keepAlive: true });
    const headers = { accept: "application/taxii+json;version=2.1" };
    await new Promise<void>((resolve, reject) => {
      get(sandbox.taxiiUrl, { agent, headers }, (response) => {
        response.resume().on("end", resolve);
      }).on("error", reject);
    });
    sandbox.addFault({ upstream: "taxii", answer: { kind: "delay", delayMs: 3_600_000 } });
    const putOff = getTaxii(sandbox, "/taxii2/").then(
      () => "answered",
      () => "cut",
    );
    while (sandbox.requests.length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await sandbox.close();
    expect(await putOff).toBe("cut");
    await expect(getTaxii(sandbox, "/taxii2/")).rejects.toThrow("fetch failed");
    agent.destroy();
  });

  test("may be called twice", async () => {
    const sandbox = await startSandbox();
    await sandbox.close();
    await expect(sandbox.close()).resolves.toBeUndefined();
  });
});
