import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createRequestBudget } from "../budget/request-budget.js";
import { describeFailure } from "../store/describe-failure.js";
import { createFakeClock } from "../testing/fake-clock.js";
import { clientOf, connectionErrorOf, failureOf, silent, statusErrorOf } from "../testing/http-client.js";
import { type Answer, findClosedPort, inOrder, startHttpServer, status } from "../testing/http-server.js";
import { createMemoryLedger } from "../testing/memory-ledger.js";
import { createHttpClient } from "./create-http-client.js";
import { HttpUrlError } from "./http-errors.js";

// Time-outs and interruptions happen on the real clock.
vi.setConfig({ testTimeout: 30_000 });

const ok: Answer = (response) => response.end("fine");

describe("a request", () => {
  test("carries method, headers and body, and brings back the whole answer", async () => {
    const server = await startHttpServer((response) =>
      response.writeHead(201, { "X-Mixed-Case": "Kept", "Content-Type": "text/plain" }).end("grüße"),
    );
    const { http } = clientOf({ headers: { "Auth-Key": "k" } });
    const response = await http.request(`${server.origin}/api?x=1`, {
      method: "POST",
      headers: { Accept: "text/plain" },
      body: '{"days":1}',
    });
    expect(server.requests[0]).toMatchObject({
      method: "POST",
      url: "/api?x=1",
      body: '{"days":1}',
      headers: { "auth-key": "k", accept: "text/plain" },
    });
    expect(server.requests[0]?.headers["user-agent"]).toMatch(/^cti-connectors\/\d+\.\d+\.\d+/);
    expect(response).toMatchObject({ url: `${server.origin}/api?x=1`, status: 201, body: "grüße" });
    expect(response.headers.get("x-mixed-case")).toBe("Kept");
    expect(http.stats).toEqual({ requests: 1, retries: 0, throttled: 0 });
  });

  test("its own headers win over those of the settings, whatever their case", async () => {
    const server = await startHttpServer(ok);
    const { http } = clientOf({ headers: { Accept: "a/b", "User-Agent": "mine" } });
    await http.request(server.origin, { headers: { accept: "c/d" } });
    expect(server.requests[0]?.headers).toMatchObject({ accept: "c/d", "user-agent": "mine" });
  });

  test("a header of the settings that is undefined is not sent", async () => {
    const server = await startHttpServer(ok);
    const { http } = clientOf({ headers: { "Auth-Key": undefined, Accept: "a/b" } });
    await http.request(server.origin);
    expect(server.requests[0]?.headers).toMatchObject({ accept: "a/b" });
    expect(server.requests[0]?.headers).not.toHaveProperty("auth-key");
  });

  test("takes compressed answers", async () => {
    const server = await startHttpServer((response, { headers }) => {
      expect(headers["accept-encoding"]).toContain("gzip");
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(100_000)));
    });
    const response = await clientOf().http.request(server.origin);
    expect(response.body).toHaveLength(100_000);
  });

  test("the settings' headers reach no other origin than the configured one", async () => {
    const upstream = await startHttpServer(ok);
    const other = await startHttpServer(ok);
    const { http } = clientOf({ headers: { "Auth-Key": "k" }, origin: upstream.origin });
    await http.request(other.origin);
    await http.request(upstream.origin);
    expect(other.requests[0]?.headers).not.toHaveProperty("auth-key");
    expect(upstream.requests[0]?.headers).toHaveProperty("auth-key", "k");
  });

  test("without a configured origin, the settings' headers belong to that of the first request", async () => {
    const upstream = await startHttpServer(ok);
    const other = await startHttpServer(ok);
    const { http } = clientOf({ headers: { "Auth-Key": "k" } });
    await http.request(upstream.origin);
    await http.request(other.origin);
    expect(upstream.requests[0]?.headers).toHaveProperty("auth-key", "k");
    expect(other.requests[0]?.headers).not.toHaveProperty("auth-key");
  });

  test.each(["ftp://127.0.0.1/", "file:///etc/passwd", "data:text/plain,x", "taxii2", ""])(
    "to %j is refused",
    async (url) => {
      const error = await failureOf(clientOf({ urlSetting: "API_URL" }).http.request(url));
      expect(error).toBeInstanceOf(HttpUrlError);
      expect(describeFailure(error, { kind: "mongodb", host: "db" })).toMatch(
        /^[^ ].*: API_URL must start with http/,
      );
    },
  );

  test("an address with a password is refused, and the password not shown", async () => {
    const error = await failureOf(
      clientOf({ urlSetting: "API_URL" }).http.request("http://user:hunter2@127.0.0.1/"),
    );
    expect(describeFailure(error, { kind: "mongodb", host: "db" })).toBe(
      "http://127.0.0.1/: API_URL must not contain a user name or password",
    );
    expect(String(error)).not.toContain("hunter2");
  });
});

describe("a failed request", () => {
  test.each([408, 425, 500, 502, 503, 504])("is sent again after a %d", async (code) => {
    const server = await startHttpServer(inOrder(status(code), ok));
    const { http, resumed } = clientOf();
    expect((await http.request(server.origin)).body).toBe("fine");
    expect(http.stats).toEqual({ requests: 2, retries: 1, throttled: 0 });
    expect(resumed()).toBe(1);
  });

  test.each([304, 400, 401, 403, 404, 406, 410, 418, 501])("is not sent again after a %d", async (code) => {
    const server = await startHttpServer(status(code));
    const { http } = clientOf();
    expect(await statusErrorOf(http.request(server.origin))).toMatchObject({ status: code });
    expect(server.requests).toHaveLength(1);
  });

  test("waits exponentially longer, with jitter, half a minute at most", async () => {
    const server = await startHttpServer(status(503));
    const { http, clock, waits } = clientOf({ retries: 9 });
    const error = await statusErrorOf(http.request(server.origin));
    expect(clock.sleeps).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(error.message).toContain("given up after 10 attempts");
    expect(waits[0]).toMatchObject({
      reason: "retry",
      message: `${new URL(server.origin).host} answered 503`,
    });
    const lucky = clientOf({ retries: 1 }, { random: () => 0.25 });
    await statusErrorOf(lucky.http.request(server.origin));
    expect(lucky.clock.sleeps).toEqual([125]);
  });

  test("is tried five times by default, and once where that is wanted", async () => {
    const server = await startHttpServer(status(500));
    await statusErrorOf(clientOf().http.request(server.origin));
    expect(server.requests).toHaveLength(5);
    const error = await statusErrorOf(clientOf({ retries: 0 }).http.request(server.origin));
    expect(server.requests).toHaveLength(6);
    expect(error.message).not.toContain("attempts");
  });

  test("that may not be sent again after a time-out fails at once with one, with a 502 or a 504", async () => {
    for (const code of [502, 504]) {
      const server = await startHttpServer(status(code));
      const { http, clock } = clientOf();
      const error = await statusErrorOf(http.request(server.origin, { retryTimeouts: false }));
      expect(error).toMatchObject({ status: code, message: expect.not.stringContaining("attempts") });
      expect(server.requests).toHaveLength(1);
      expect(clock.sleeps).toEqual([]);
    }
    const server = await startHttpServer(() => {});
    const { http } = clientOf({ timeoutMs: 100 });
    expect(await connectionErrorOf(http.request(server.origin, { retryTimeouts: false }))).toMatchObject({
      code: "ETIMEDOUT",
    });
    expect(http.stats).toEqual({ requests: 1, retries: 0, throttled: 0 });
  });

  test("that may not be sent again after a time-out is sent again after anything else", async () => {
    const server = await startHttpServer(
      inOrder(status(429), status(503), status(500), (response) => response.destroy(), status(504)),
    );
    const { http } = clientOf();
    const error = await statusErrorOf(http.request(server.origin, { retryTimeouts: false }));
    expect(error.message).toContain("504 Gateway Timeout (given up after 4 attempts)");
    expect(http.stats).toEqual({ requests: 5, retries: 3, throttled: 1 });
  });

  test("waits at least as long as the upstream asks for", async () => {
    const server = await startHttpServer(
      inOrder(
        status(503, { "retry-after": "90" }),
        status(503, { "retry-after": "0" }),
        status(503, { "retry-after": "Sun, 01 Nov 2026 00:03:00 GMT" }),
        ok,
      ),
    );
    const { http, clock } = clientOf();
    await http.request(server.origin);
    expect(clock.sleeps).toEqual([90_000, 1_000, 89_000]);
  });

  test.each([
    [429, 4],
    [503, 4],
    [503, 0],
    [403, 4],
  ])("gives up where a %d asks for more than an hour (%d retries)", async (code, retries) => {
    const server = await startHttpServer(status(code, { "retry-after": "3601" }));
    const { http, clock } = clientOf({ retries });
    const error = await statusErrorOf(http.request(server.origin));
    expect(error.message).toContain("it asks to wait until 2026-11-01T01:00:01.000Z");
    expect(clock.sleeps).toEqual([]);
  });

  test("says until when the upstream wants us to wait where it is given up", async () => {
    const server = await startHttpServer(status(503, { "retry-after": "60" }));
    const error = await statusErrorOf(clientOf({ retries: 1 }).http.request(server.origin));
    expect(error.advice).toBe(
      "given up after 2 attempts; it asks to wait until 2026-11-01T00:02:00.000Z: try again then",
    );
  });

  test("is sent again after the connection was cut before the answer", async () => {
    const server = await startHttpServer(inOrder((response) => response.destroy(), ok));
    const { http, waits } = clientOf();
    expect((await http.request(server.origin)).body).toBe("fine");
    expect(waits[0]?.message).toContain("the connection was cut off");
  });

  test.each<[string, Answer]>([
    [
      "with a length",
      (response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("half of", () => response.destroy());
      },
    ],
    [
      "in chunks",
      (response) => {
        response.write("half of", () => response.destroy());
      },
    ],
    [
      "compressed",
      (response) => {
        const bytes = gzipSync("x".repeat(1_000_000));
        response.writeHead(200, { "content-encoding": "gzip", "content-length": String(bytes.length) });
        response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
      },
    ],
    [
      "compressed, in chunks",
      (response) => {
        response.writeHead(200, { "content-encoding": "gzip" });
        response.write(gzipSync("x".repeat(1_000_000)).subarray(0, 500), () => response.destroy());
      },
    ],
  ])("is sent again after the answer broke off in the middle: %s", async (_, broken) => {
    const server = await startHttpServer(inOrder(broken, ok));
    const { http } = clientOf();
    expect((await http.request(server.origin)).body).toBe("fine");
    expect(http.stats.retries).toBe(1);
  });

  test("is sent again after a compressed answer that is damaged", async () => {
    const damaged: Answer = (response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end("not gzip");
    const server = await startHttpServer(inOrder(damaged, ok));
    const { http, waits } = clientOf();
    expect((await http.request(server.origin)).body).toBe("fine");
    expect(waits[0]?.message).toContain("the compressed answer is damaged");
  });

  test("is sent again after a time-out, whether there was no answer or only a part", async () => {
    const server = await startHttpServer(
      inOrder(
        () => {},
        (response) => response.write("half of"),
        ok,
      ),
    );
    const { http, waits } = clientOf({ timeoutMs: 1000 });
    expect((await http.request(server.origin)).body).toBe("fine");
    expect(waits.map(({ message }) => message)).toEqual(
      Array(2).fill(expect.stringContaining("did not answer within 1 s")),
    );
  });

  test("says what happened and what to check where nobody listens", async () => {
    const port = await findClosedPort();
    const error = await connectionErrorOf(
      clientOf({ urlSetting: "MITRE_TAXII_URL" }).http.request(`http://127.0.0.1:${port}/taxii2/?token=abc`),
    );
    expect(error).toMatchObject({ code: "ECONNREFUSED", retryable: true });
    expect(error.message).toBe(
      `No answer from 127.0.0.1:${port}: the connection was refused (ECONNREFUSED); check the network, any firewall or proxy in between, and that MITRE_TAXII_URL is right (given up after 5 attempts)`,
    );
    expect(error.url).toBe(`http://127.0.0.1:${port}/taxii2/?token=[redacted]`);
  });

  test("waits with what happened, and gives advice only once it gives up", async () => {
    const { http, waits } = clientOf({ retries: 2, urlSetting: "MITRE_TAXII_URL" });
    const host = `127.0.0.1:${await findClosedPort()}`;
    const error = await connectionErrorOf(http.request(`http://${host}/`));
    const happened = `No answer from ${host}: the connection was refused (ECONNREFUSED)`;
    expect(waits.map(({ message }) => message)).toEqual([happened, happened]);
    expect(error.message).toContain(`${happened}; check `);
  });

  test("says so where a server does not speak TLS", async () => {
    const server = await startHttpServer(ok);
    const error = await connectionErrorOf(
      clientOf({ retries: 0 }).http.request(server.origin.replace("http:", "https:")),
    );
    expect(error.message).toContain("should start with http:// or https://");
  });

  test("a key that cannot be a header is not tried again, and not shown", async () => {
    const server = await startHttpServer(ok);
    const error = await connectionErrorOf(
      clientOf({ headers: { "Auth-Key": "hunter2\nx" } }).http.request(server.origin),
    );
    expect(error.message).toContain("check the key in the settings");
    expect(error.message).not.toContain("hunter2");
    expect(server.requests).toHaveLength(0);
  });
});

describe("an answer that is not 2xx", () => {
  test("is shown in the server's own words on one line, and kept whole", async () => {
    const body = `<html>\n  <h1>Bad\u0000 Gateway</h1>${"x".repeat(198)}😀</html>`;
    const server = await startHttpServer(status(404, { "content-type": "text/html" }, body));
    const error = await statusErrorOf(clientOf().http.request(`${server.origin}/a`));
    expect(error.message).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/a answered 404 Not Found: Bad Gateway x+…$/);
    expect(error.said).toMatch(/^Bad Gateway .{187}…$/);
    expect(error.body).toBe(body);
    expect(error.headers.get("content-type")).toBe("text/html");
  });

  test("is not lost behind a long address", async () => {
    const server = await startHttpServer(status(403, {}, '{"message":"the query is too long"}'));
    const ids = Array(60).fill("indicator--6ba7b810-9dad-11d1-80b4-00c04fd430c8").join(",");
    const error = await statusErrorOf(clientOf().http.request(`${server.origin}/objects/?match[id]=${ids}`));
    expect(error.url).toContain(ids);
    expect(error.message.length).toBeLessThan(300);
    expect(error.message).toMatch(/…\s+answered 403 Forbidden: the query is too long$/);
  });

  test("shows no key of this request alone, where the upstream repeats it", async () => {
    const server = await startHttpServer((response, { headers }) =>
      response
        .writeHead(403)
        .end(
          `unknown key ${headers["auth-key"]}, ${headers["x-api-key"]}, ${headers.authorization?.slice(7)}`,
        ),
    );
    const headers = {
      "Auth-Key": "0123456789abcdef",
      "X-API-Key": "qrstuvwx",
      Authorization: "Bearer zyxwvutsr",
    };
    const error = await statusErrorOf(clientOf().http.request(server.origin, { method: "POST", headers }));
    expect(error.body).toBe("unknown key [redacted], [redacted], [redacted]");
    expect(JSON.stringify([error.message, error.said, error.stack])).not.toMatch(
      /0123456789abcdef|qrstuvwx|zyxwvutsr/,
    );
  });

  test("shows no header of the settings, whatever its name, nor a password in it", async () => {
    const server = await startHttpServer((response, { headers }) => {
      const basic = headers.authorization ?? "";
      const password = Buffer.from(basic.slice(6), "base64").toString();
      response.writeHead(403).end(`${headers["x-tenant"]} ${basic} ${password} ${headers.accept}`);
    });
    const Authorization = `Basic ${Buffer.from("me:hunter2").toString("base64")}`;
    const settings = { headers: { "X-Tenant": "qrstuvwx", Authorization, Accept: "text/plain" } };
    const error = await statusErrorOf(clientOf(settings).http.request(server.origin));
    expect(error.body).toBe("[redacted] [redacted] me:[redacted] text/plain");
  });

  test("shows neither our key, where the upstream repeats it, nor secrets of the address", async () => {
    const server = await startHttpServer((response, { headers }) =>
      response
        .writeHead(403)
        .end(`unknown key ${headers["auth-key"]} and ${headers.authorization?.slice(7)}`),
    );
    const settings = { headers: { "Auth-Key": "0123456789abcdef", Authorization: "Bearer zyxwvutsr" } };
    const error = await statusErrorOf(
      clientOf(settings).http.request(`${server.origin}/full.json.zip?auth-key=0123456789abcdef&days=1`),
    );
    expect(error.message).toContain("unknown key [redacted] and [redacted]");
    expect(error.url).toBe(`${server.origin}/full.json.zip?auth-key=[redacted]&days=1`);
    expect(JSON.stringify([error.message, error.url, error.body, error.stack])).not.toMatch(
      /0123456789abcdef|zyxwvutsr/,
    );
  });
});

describe("a 429", () => {
  const throttle = status(429);

  test("without Retry-After and budget is waited for with back-off, ten times at most, and is no retry", async () => {
    const server = await startHttpServer(throttle);
    const { http, clock, waits } = clientOf({ retries: 0 });
    const error = await statusErrorOf(http.request(server.origin));
    expect(error.message).toContain("still after 10 waits");
    expect(http.stats).toEqual({ requests: 11, retries: 0, throttled: 11 });
    expect(clock.sleeps.slice(0, 3)).toEqual([500, 1_000, 2_000]);
    expect(waits.every(({ reason }) => reason === "throttled")).toBe(true);
  });

  test("with Retry-After is waited for as long as it says", async () => {
    const server = await startHttpServer(inOrder(status(429, { "retry-after": "120" }), ok));
    const { http, clock } = clientOf({ retries: 0 });
    await http.request(server.origin);
    expect(clock.sleeps).toEqual([120_000]);
  });

  test("does not use up the retries for failures", async () => {
    const server = await startHttpServer(inOrder(throttle, status(500), throttle, status(500), throttle, ok));
    const { http } = clientOf({ retries: 2 });
    expect((await http.request(server.origin)).body).toBe("fine");
    expect(http.stats).toEqual({ requests: 6, retries: 2, throttled: 3 });
  });

  function budgetedClient(quota: { requests: number; windowMs: number }) {
    const clock = createFakeClock();
    const ledger = createMemoryLedger();
    const budget = createRequestBudget({ key: "u", quota, ledger, now: clock.now, sleep: clock.sleep });
    return { ...clientOf({}, { budget, now: clock.now, sleep: clock.sleep }), clock, budget };
  }

  test("every attempt and every followed redirect is taken from the budget", async () => {
    const server = await startHttpServer(
      inOrder(status(503), status(302, { location: "/next" }), (response) => response.destroy(), ok),
    );
    const { http, budget } = budgetedClient({ requests: 10, windowMs: 600_000 });
    await http.request(server.origin);
    expect(server.requests).toHaveLength(4 + 0);
    expect(await budget.remaining()).toBe(10 - http.stats.requests);
  });

  test("what never left this machine is not taken from the budget, nor what a proxy would have sent", async () => {
    const { http, budget } = budgetedClient({ requests: 10, windowMs: 600_000 });
    const port = await findClosedPort();
    const server = await startHttpServer(ok);
    await connectionErrorOf(http.request(`http://127.0.0.1:${port}/`));
    expect(http.stats.requests).toBe(5);
    expect(await budget.remaining()).toBe(10);
    vi.stubEnv("http_proxy", `127.0.0.1:${port}`);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    await connectionErrorOf(http.request("http://taxii.test/"));
    expect(await budget.remaining()).toBe(10);
    await http.request(server.origin);
    expect(await budget.remaining()).toBe(9);
  });

  test("never comes where our quota is the upstream's", async () => {
    const clientSide = budgetedClient({ requests: 5, windowMs: 600_000 });
    const accepted: number[] = [];
    const server = await startHttpServer((response, request, index) => {
      const at = clientSide.clock.elapsedMs();
      const inWindow = accepted.filter((time) => at - time < 600_000).length;
      accepted.push(at);
      (inWindow < 5 ? ok : throttle)(response, request, index);
    });
    for (let i = 0; i < 23; i += 1) {
      await clientSide.http.request(server.origin);
    }
    expect(clientSide.http.stats).toEqual({ requests: 23, retries: 0, throttled: 0 });
    expect(new Set(clientSide.waits.map(({ reason }) => reason))).toEqual(new Set(["budget"]));
    expect(clientSide.resumed()).toBe(clientSide.waits.length);
  });

  test("from an upstream with a smaller quota than ours is waited out, and learned from", async () => {
    const clientSide = budgetedClient({ requests: 50, windowMs: 600_000 });
    const accepted: number[] = [];
    const server = await startHttpServer((response, request, index) => {
      const at = clientSide.clock.elapsedMs();
      const free = accepted.filter((time) => at - time < 600_000).length < 10;
      if (free) {
        accepted.push(at);
      }
      (free ? ok : throttle)(response, request, index);
    });
    for (let i = 0; i < 30; i += 1) {
      await clientSide.http.request(server.origin);
    }
    expect(accepted).toHaveLength(30);
    expect(clientSide.http.stats.throttled).toBe(1);
    expect(clientSide.waits.map(({ reason }) => reason)).toEqual(["throttled", "budget"]);
  });

  test("with Retry-After and budget is waited for as long as it says", async () => {
    const server = await startHttpServer(inOrder(status(429, { "retry-after": "7" }), ok));
    const { http, clock, waits } = budgetedClient({ requests: 50, windowMs: 600_000 });
    await http.request(server.origin);
    expect(clock.elapsedMs()).toBe(7_000);
    expect(waits.map(({ reason }) => reason)).toEqual(["throttled"]);
  });
});

describe("a redirect", () => {
  test("within the origin is followed with all headers", async () => {
    const server = await startHttpServer(inOrder(status(301, { location: "b?x=1" }), ok));
    const { http } = clientOf({ headers: { "Auth-Key": "k" } });
    const response = await http.request(`${server.origin}/a/`);
    expect(response).toMatchObject({ url: `${server.origin}/a/b?x=1`, body: "fine" });
    expect(server.requests[1]).toMatchObject({ url: "/a/b?x=1", headers: { "auth-key": "k" } });
  });

  test.each([
    [302, "GET", ""],
    [303, "GET", ""],
    [307, "POST", "{}"],
    [308, "POST", "{}"],
  ])("%d turns a POST into a %s", async (code, method, body) => {
    const server = await startHttpServer(inOrder(status(code, { location: "/b" }), ok));
    await clientOf().http.request(server.origin, { method: "POST", body: "{}" });
    expect(server.requests[1]).toMatchObject({ method, body });
  });

  test("to another origin is refused and never followed", async () => {
    const thief = await startHttpServer(ok);
    const server = await startHttpServer(status(302, { location: `${thief.origin}/steal?token=abc` }));
    const error = await statusErrorOf(
      clientOf({ headers: { "Auth-Key": "k" }, urlSetting: "API_URL" }).http.request(server.origin),
    );
    expect(error.status).toBe(302);
    expect(error.message).toContain(`it redirects to another origin, ${thief.origin}/steal,`);
    expect(error.redirectsTo).toBe(`${thief.origin}/steal`);
    expect(error.message).toContain("change API_URL");
    expect(error.message).not.toContain("abc");
    expect(thief.requests).toHaveLength(0);
  });

  test.each([
    [
      "the configured origin",
      true,
      undefined,
      "so that the key is not sent there; if it is the right place, change API_URL",
    ],
    [
      "the configured origin, with a setting of its own",
      true,
      "EXPORT_URL",
      "so that the key is not sent there; if it is the right place, change EXPORT_URL",
    ],
    [
      "a place that gets no key",
      false,
      undefined,
      "followed; if it is the right place, use that address instead",
    ],
    [
      "a place that gets no key, with a setting of its own",
      false,
      "EXPORT_URL",
      "followed; if it is the right place, change EXPORT_URL",
    ],
  ])("from %s says what to change", async (_name, isOurs, urlSetting, advice) => {
    const server = await startHttpServer(status(302, { location: "https://elsewhere.example/a" }));
    const origin = isOurs ? server.origin : "https://api.example";
    const { http } = clientOf({ headers: { "Auth-Key": "k" }, origin, urlSetting: "API_URL" });
    const { message } = await statusErrorOf(http.request(server.origin, { urlSetting }));
    expect(message).toContain("https://elsewhere.example/a, and that is not followed");
    expect(message).toContain(advice);
  });

  test("to the same place again and again ends", async () => {
    const server = await startHttpServer(status(302, { location: "/" }));
    const error = await statusErrorOf(clientOf().http.request(server.origin));
    expect(error.message).toContain("more than 5 redirects");
    expect(server.requests).toHaveLength(6);
  });

  test.each(["http://", "//:x"])("to %j says what is wrong", async (location) => {
    const server = await startHttpServer(status(302, { location }));
    const error = await statusErrorOf(clientOf().http.request(server.origin));
    expect(error.message).toContain("it redirects to an invalid address");
  });

  test("without a place to go to is an answer that is not 2xx", async () => {
    const server = await startHttpServer(status(302));
    expect((await statusErrorOf(clientOf().http.request(server.origin))).status).toBe(302);
  });
});

describe("an answer that is too long", () => {
  const endless: Answer = (response) => {
    const more = () => {
      while (!response.destroyed && response.write("x".repeat(65_536))) {}
    };
    response.on("drain", more);
    more();
  };
  const bomb: Answer = (response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(64 * 1024 * 1024)));

  test.each<[string, Answer]>([
    ["has no end", endless],
    ["is a gzip bomb", bomb],
    ["says so", (response) => response.writeHead(200, { "content-length": "1048577" }).write("x")],
  ])("and %s is read up to the bound, once", async (_, answer) => {
    const server = await startHttpServer(answer);
    const error = await connectionErrorOf(
      clientOf({ maxBodyBytes: 1024 * 1024 }).http.request(`${server.origin}/objects/`),
    );
    const { host } = new URL(server.origin);
    expect(error.message).toBe(
      `${host} sends more than the 1 MiB allowed: raise HTTP_MAX_BODY_MB if that size is right (http://${host}/objects/)`,
    );
    expect(server.requests).toHaveLength(1);
  });

  test("and an error is read as far as its words are of use", async () => {
    const server = await startHttpServer((response, ...rest) => {
      response.writeHead(503);
      endless(response, ...rest);
    });
    const error = await statusErrorOf(clientOf({ retries: 1 }).http.request(server.origin));
    expect(error.message).toContain("given up after 2 attempts");
    expect(error.body.length).toBeLessThanOrEqual(1024 * 1024);
  });

  test("is taken up to the bound", async () => {
    const server = await startHttpServer((response) => response.end("x".repeat(1024 * 1024)));
    const response = await clientOf({ maxBodyBytes: 1024 * 1024 }).http.request(server.origin);
    expect(response.body).toHaveLength(1024 * 1024);
  });
});

describe("an interrupted run", () => {
  const reason = new Error("interrupted");

  test.each<[string, Answer]>([
    ["whose answer never begins", () => {}],
    [
      "whose answer trickles",
      (response) => {
        const timer = setInterval(() => response.write(" "), 50);
        response.once("close", () => clearInterval(timer));
      },
    ],
    ["whose redirects lead to one", inOrder(status(302, { location: "/b" }), () => {})],
  ])("cuts a request off %s, long before its time-out", async (_, answer) => {
    const interrupt = new AbortController();
    let closed: (() => void) | undefined;
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const server = await startHttpServer((response, request, index) => {
      response.once("close", () => closed?.());
      answer(response, request, index);
      setTimeout(() => interrupt.abort(reason), 50);
    });
    const { http } = clientOf({ timeoutMs: 600_000 }, { signal: interrupt.signal });
    await expect(http.request(server.origin)).rejects.toBe(reason);
    await isClosed;
  });

  test("lets the request in hand finish, and starts no other", async () => {
    const interrupt = new AbortController();
    const server = await startHttpServer((response) => {
      interrupt.abort(reason);
      response.end("fine");
    });
    const { http } = clientOf({}, { signal: interrupt.signal });
    expect((await http.request(server.origin)).body).toBe("fine");
    await expect(http.request(server.origin)).rejects.toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  test("does not try again what failed in the meantime", async () => {
    const interrupt = new AbortController();
    const server = await startHttpServer((response) => {
      interrupt.abort(reason);
      response.writeHead(503).end();
    });
    await expect(clientOf({}, { signal: interrupt.signal }).http.request(server.origin)).rejects.toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  test.each([429, 503])("ends the wait after a %d at once", async (code) => {
    const interrupt = new AbortController();
    const server = await startHttpServer(status(code, { "retry-after": "3000" }));
    const http = createHttpClient({
      settings: {},
      log: silent,
      signal: interrupt.signal,
      onWait: () => interrupt.abort(reason),
    });
    await expect(http.request(server.origin)).rejects.toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  test("ends the wait for the budget at once", async () => {
    const interrupt = new AbortController();
    const server = await startHttpServer(ok);
    const budget = createRequestBudget({
      key: "u",
      quota: { requests: 1, windowMs: 600_000 },
      ledger: createMemoryLedger(),
    });
    const http = createHttpClient({
      settings: {},
      budget,
      log: silent,
      signal: interrupt.signal,
      onWait: () => setImmediate(() => interrupt.abort(reason)),
    });
    await http.request(server.origin);
    await expect(http.request(server.origin)).rejects.toBe(reason);
    expect(server.requests).toHaveLength(1);
  });
});
