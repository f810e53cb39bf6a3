import { request } from "node:http";
import { describe, expect, test, vi } from "vitest";
import type { Sandbox } from "../start-sandbox.js";
import { askThreatfox, getTaxii, icsId, openSandbox } from "../testing/sandbox.js";

describe("a fault", () => {
  test("of kind status replaces one answer", async () => {
    const sandbox = await openSandbox();
    const headers = { "retry-after": "7", "content-type": "text/plain" };
    sandbox.addFault({
      upstream: "taxii",
      answer: { kind: "status", status: 503, headers, body: "later" },
    });
    const answer = await getTaxii(sandbox, "/taxii2/");
    expect(answer).toMatchObject({ status: 503, text: "later" });
    expect(answer.headers.get("retry-after")).toBe("7");
    expect((await getTaxii(sandbox, "/taxii2/")).status).toBe(200);
  });

  test("of kind html is a gateway's page", async () => {
    const sandbox = await openSandbox();
    sandbox.addFault({ upstream: "threatfox", answer: { kind: "html", status: 502 } });
    const response = await fetch(sandbox.threatfoxUrl, { method: "POST", body: "{}" });
    expect(response.status).toBe(502);
    expect(response.headers.get("content-type")).toBe("text/html");
    expect(await response.text()).toContain("<h1>502 Bad Gateway</h1>");
  });

  test.each(["taxii", "threatfox"] as const)(
    "of kind malformed-json breaks off inside JSON (%s)",
    async (upstream) => {
      const sandbox = await openSandbox();
      sandbox.addFault({ upstream, answer: { kind: "malformed-json" } });
      const response = await fetch(upstream === "taxii" ? sandbox.taxiiUrl : sandbox.threatfoxUrl);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toContain("json");
      const text = await response.text();
      expect(() => JSON.parse(text)).toThrow(SyntaxError);
    },
  );

  test("of kind disconnect cuts the connection before any answer", async () => {
    const sandbox = await openSandbox();
    sandbox.addFault({ upstream: "taxii", answer: { kind: "disconnect" } });
    expect(await receive(sandbox.taxiiUrl)).toEqual({ bytes: 0, complete: false });
    expect(sandbox.requests.map(({ status }) => status)).toEqual([0]);
    expect((await getTaxii(sandbox, "/taxii2/")).status).toBe(200);
  });

  test("of kind truncate cuts the connection in the middle of the body", async () => {
    const sandbox = await openSandbox();
    const path = `/api/v21/collections/${icsId}/objects/`;
    const whole = (await getTaxii(sandbox, path)).text;
    sandbox.addFault({ upstream: "taxii", path: "/objects/", answer: { kind: "truncate" } });
    const length = Buffer.byteLength(whole);
    expect(await receive(new URL(path, sandbox.taxiiUrl))).toEqual({
      status: 200,
      contentLength: String(length),
      bytes: Math.floor(length / 2),
      complete: false,
    });
    expect(sandbox.requests.map(({ status }) => status)).toEqual([200, 200]);
    expect((await getTaxii(sandbox, path)).text).toBe(whole);
  });

  test("of kind delay puts the right answer off", async () => {
    const sandbox = await openSandbox();
    sandbox.addFault({ upstream: "threatfox", answer: { kind: "delay", delayMs: 150 } });
    const startedAt = performance.now();
    expect((await askThreatfox(sandbox, { query: "types" })).query_status).toBe("ok");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(140);
  });

  test("of kind delay ends when the client hangs up, so that many do not pile up", async () => {
    const sandbox = await openSandbox();
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    try {
      for (let sent = 1; sent <= 12; sent++) {
        sandbox.addFault({ upstream: "taxii", answer: { kind: "delay", delayMs: 3_600_000 } });
        const hangUp = new AbortController();
        const answer = fetch(sandbox.taxiiUrl, { signal: hangUp.signal });
        await vi.waitUntil(() => sandbox.requests.length === sent);
        hangUp.abort();
        await expect(answer).rejects.toThrow("aborted");
      }
    } finally {
      process.off("warning", note);
    }
    expect(warnings).toEqual([]);
  });
});

describe("faults", () => {
  const status = (code: number) => ({ kind: "status", status: code }) as const;
  const statuses = async (sandbox: Sandbox, paths: readonly string[]) => {
    const result: number[] = [];
    for (const path of paths) {
      result.push((await getTaxii(sandbox, path)).status);
    }
    return result;
  };

  test("are used up in the order in which they were added", async () => {
    const sandbox = await openSandbox();
    sandbox.addFault({ upstream: "taxii", times: 2, answer: status(500) });
    sandbox.addFault({ upstream: "taxii", answer: status(503) });
    expect(await statuses(sandbox, Array(4).fill("/taxii2/"))).toEqual([500, 500, 503, 200]);
  });

  test("wait for a request whose path and query contain theirs, however that is encoded", async () => {
    const sandbox = await openSandbox();
    sandbox.addFault({ upstream: "taxii", path: "match[type]=tool", answer: status(500) });
    sandbox.addFault({ upstream: "taxii", path: "/collections/", answer: status(503) });
    const objects = `/api/v21/collections/${icsId}/objects/`;
    const paths = ["/taxii2/", objects, `${objects}?match%5Btype%5D=tool`, `${objects}?match[type]=tool`];
    expect(await statuses(sandbox, paths)).toEqual([200, 503, 500, 200]);
  });

  test("let as many matching requests pass as they are told to skip", async () => {
    const sandbox = await openSandbox();
    sandbox.addFault({ upstream: "taxii", path: "/api/", skip: 1, times: 2, answer: status(500) });
    const paths = ["/api/v21/", "/taxii2/", "/api/v21/", "/api/v21/", "/api/v21/"];
    expect(await statuses(sandbox, paths)).toEqual([200, 200, 500, 500, 200]);
  });

  test("are each upstream's own", async () => {
    const sandbox = await openSandbox();
    sandbox.addFault({ upstream: "threatfox", answer: status(500) });
    expect(await statuses(sandbox, ["/taxii2/"])).toEqual([200]);
    expect((await fetch(sandbox.threatfoxUrl, { method: "POST" })).status).toBe(500);
  });
});

interface Received {
  readonly status?: number | undefined;
  readonly contentLength?: string | undefined;
  /** Of the body. */
  readonly bytes: number;
  readonly complete: boolean;
}

function receive(url: string | URL): Promise<Received> {
  return new Promise((resolve) => {
    const headers = { accept: "application/taxii+json;version=2.1" };
    const sent = request(url, { headers, agent: false }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      // A body that is cut off is an error and then a close.
      response.on("error", () => {});
      response.on("close", () => {
        const { statusCode: status, complete } = response;
        resolve({ status, contentLength: response.headers["content-length"], bytes, complete });
      });
    });
    sent.on("error", () => resolve({ bytes: 0, complete: false }));
    sent.end();
  });
}
