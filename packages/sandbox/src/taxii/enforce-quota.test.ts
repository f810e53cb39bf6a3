import { get } from "node:http";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { askThreatfox, getTaxii, openSandbox } from "../testing/sandbox.js";

const quota = { requests: 3, windowMs: 600_000 };

describe("the quota", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is 50 requests unless another is given, whatever they ask and get", async () => {
    const sandbox = await openSandbox();
    for (let i = 0; i < 25; i += 1) {
      expect((await getTaxii(sandbox, "/taxii2/")).status).toBe(200);
      expect((await getTaxii(sandbox, "/nowhere")).status).toBe(404);
    }
    expect((await getTaxii(sandbox, "/taxii2/")).status).toBe(429);
  });

  test("is a TAXII error past it, and says how long to wait", async () => {
    const sandbox = await openSandbox({ quota });
    for (let i = 0; i < 3; i += 1) {
      await getTaxii(sandbox, "/taxii2/");
    }
    vi.advanceTimersByTime(100_000);
    const refused = await getTaxii(sandbox, "/taxii2/");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("500");
    expect(refused.body).toMatchObject({ http_status: "429" });
  });

  test("does not say how long to wait where that quirk is asked for", async () => {
    const sandbox = await openSandbox({ quota: { ...quota, requests: 0 }, taxii: { retryAfter: false } });
    const refused = await getTaxii(sandbox, "/taxii2/");
    expect(refused.status).toBe(429);
    expect(refused.headers.has("retry-after")).toBe(false);
  });

  test("starts anew a window after the first request, and refused requests do not put that off", async () => {
    const sandbox = await openSandbox({ quota });
    await getTaxii(sandbox, "/taxii2/");
    vi.advanceTimersByTime(599_000);
    for (let i = 0; i < 2; i += 1) {
      await getTaxii(sandbox, "/taxii2/");
    }
    expect((await getTaxii(sandbox, "/taxii2/")).status).toBe(429);
    vi.advanceTimersByTime(999);
    expect((await getTaxii(sandbox, "/taxii2/")).status).toBe(429);
    vi.advanceTimersByTime(1);
    for (let i = 0; i < 3; i += 1) {
      expect((await getTaxii(sandbox, "/taxii2/")).status).toBe(200);
    }
    expect((await getTaxii(sandbox, "/taxii2/")).status).toBe(429);
  });

  test("can be none", async () => {
    const sandbox = await openSandbox({ quota: null });
    for (let i = 0; i < 60; i += 1) {
      expect((await getTaxii(sandbox, "/taxii2/")).status).toBe(200);
    }
  });

  test("does not count what is asked of ThreatFox", async () => {
    const sandbox = await openSandbox({ quota: { ...quota, requests: 1 } });
    for (let i = 0; i < 5; i += 1) {
      expect((await askThreatfox(sandbox, { query: "types" })).status).toBe(200);
    }
    expect((await getTaxii(sandbox, "/taxii2/")).status).toBe(200);
  });

  test.skipIf(process.platform !== "linux")("is counted per client address", async () => {
    const sandbox = await openSandbox({ quota: { ...quota, requests: 1 } });
    const statusFrom = (localAddress: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { accept: "application/taxii+json;version=2.1" };
        get(sandbox.taxiiUrl, { localAddress, headers, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on("error", reject);
      });
    expect(await statusFrom("127.0.0.2")).toBe(200);
    expect(await statusFrom("127.0.0.3")).toBe(200);
    expect(await statusFrom("127.0.0.2")).toBe(429);
  });
});
