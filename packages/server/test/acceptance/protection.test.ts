import { once } from "node:events";
import { request } from "node:http";
import type { StoreReader } from "@cti-connectors/core";
import { createLogger } from "@cti-connectors/core/host";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { expect, onTestFinished, test, vi } from "vitest";
import { problemJson } from "../../src/answers/problem-json.js";
import { createServerApp, type ServerOptions } from "../../src/index.js";

/** Holds nothing. */
const empty: StoreReader = {
  async *find() {},
  count: async () => 0,
  exists: async () => false,
};

function createApp(options: Partial<ServerOptions> = {}) {
  return createServerApp({
    store: empty,
    collections: { iocs: "threatfox_raw", vulnerabilities: "kev" },
    status: () => Promise.reject(new Error("the database is at mongodb://somewhere")),
    searched: async () => [],
    rejected: async () => ({ total: 0, records: [] }),
    log: createLogger({ level: "silent" }),
    ...options,
  });
}

async function problemOf(answer: Response) {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  return problemJson.parse(await answer.json());
}

const path = "/api/v1/iocs";

test.each([
  ["localhost", 200],
  ["app.localhost", 200],
  ["127.0.0.1", 200],
  ["[::1]", 200],
  ["192.0.2.7", 200],
  ["evil.example", 421],
  ["localhost.evil.example", 421],
  ["127.0.0.1.evil.example", 421],
])("without a token, a request to %s is answered with %i", async (host, status) => {
  const answer = await createApp().request(`http://${host}:8421${path}`);
  expect(answer.status).toBe(status);
});

test("with a token, only who sends it is answered, under any name", async () => {
  const app = createApp({ token: "correct-horse" });
  const ask = (authorization?: string, url = `http://cti.example${path}`) =>
    app.request(url, authorization === undefined ? {} : { headers: { authorization } });
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;
  for (const sent of ["Bearer correct-horse", "bearer correct-horse", basic("anybody:correct-horse")]) {
    expect((await ask(sent)).status, sent).toBe(200);
  }
  const wrong = ["Bearer correct-hors", "Bearer ", "correct-horse", basic("correct-horse:"), "Basic %", ""];
  for (const sent of [undefined, ...wrong]) {
    const answer = await ask(sent);
    expect(answer.status, sent).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain('Basic realm="cti-connectors"');
    expect(await answer.text()).not.toContain("horse");
  }
  expect((await ask(undefined, "http://cti.example/")).status).toBe(401);
  expect((await ask(undefined, "http://cti.example/health")).status).toBe(401);
});

test("who is refused reads nothing, and neither does who asks for a file", async () => {
  const read: string[] = [];
  const store: StoreReader = {
    async *find(name) {
      read.push(name);
      yield* [];
    },
    async count(name) {
      read.push(name);
      return 0;
    },
    async exists(name) {
      read.push(name);
      return false;
    },
  };
  const ask = async (options: Partial<ServerOptions>, origin: string, path: string) => {
    const headers = { accept: "application/taxii+json;version=2.1, */*" };
    return (await createApp({ store, ...options }).request(`${origin}${path}`, { headers })).status;
  };
  const paths = [
    ...["/", "/api/v1/lookup?term=a", "/api/v1/status", "/api/v1/nosuch", "/taxii2/", "/api/v21/"],
    ...["/threatfox/collections/iocs/objects/", "/health", "/metrics", "/assets/a.js"],
  ];
  for (const path of paths) {
    expect(await ask({ token: "correct-horse" }, "http://localhost", path), path).toBe(401);
    expect(await ask({}, "http://evil.example", path), path).toBe(421);
    expect(await ask({ rate: { burst: 0, perSecond: 1 } }, "http://localhost", path), path).toBe(429);
  }
  const files = [
    "/",
    "/assets/a.js",
    "/attack/T1059.001",
    "/matrix/enterprise-attack",
    "/nosuch",
    "/api/nosuch",
  ];
  for (const path of files) {
    expect(await ask({}, "http://localhost", path), path).toBe(404);
  }
  expect(read).toEqual([]);
});

test("answers have headers that keep browsers from harm, and none that opens them to other pages", async () => {
  const { headers } = await createApp().request(`http://localhost${path}`, {
    headers: { origin: "https://evil.example" },
  });
  const policy = headers.get("content-security-policy");
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(Object.fromEntries(headers)).toMatchObject({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
  });
  expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
});

test("a client over the limit gets 429 with Retry-After, and others are served", async () => {
  let at = 0;
  const app = createApp({ rate: { burst: 3, perSecond: 0.5 }, now: () => new Date(at) });
  const ask = async (remoteAddress: string) => {
    const env = { incoming: { socket: { remoteAddress } } };
    const { status, headers } = await app.request(`http://localhost${path}`, {}, env);
    return [status, headers.get("retry-after")];
  };
  for (const _ of [1, 2, 3]) {
    expect(await ask("192.0.2.1")).toEqual([200, null]);
  }
  expect(await ask("192.0.2.1")).toEqual([429, "2"]);
  expect(await ask("192.0.2.2")).toEqual([200, null]);
  at = 1_000;
  expect(await ask("192.0.2.1")).toEqual([429, "1"]);
  at = 2_000;
  expect(await ask("192.0.2.1")).toEqual([200, null]);
});

test("long addresses and large bodies are refused", async () => {
  const app = createApp();
  const long = await app.request(`http://localhost/api/v1/lookup?term=${"a".repeat(8_200)}`);
  expect(await problemOf(long)).toMatchObject({ status: 414 });
  const body = "a".repeat(3 * 1024 * 1024);
  const large = await app.request("http://localhost/api/v1/lookup/batch", { method: "POST", body });
  expect(await problemOf(large)).toMatchObject({ status: 413 });
});

test.each([
  ["POST", path, "GET, HEAD"],
  ["OPTIONS", path, "GET, HEAD"],
  ["DELETE", "/api/v1/attack/objects/G0016", "GET, HEAD"],
  ["GET", "/api/v1/lookup/batch", "POST"],
  ["PUT", "/health", "GET, HEAD"],
])("%s %s is not allowed", async (method, url, allow) => {
  const app = createApp({ health: new Hono().get("/health", (context) => context.text("alive")) });
  const answer = await app.request(`http://localhost${url}`, { method });
  expect(await problemOf(answer)).toMatchObject({ status: 405 });
  expect(answer.headers.get("allow")).toBe(allow);
});

test("HEAD is answered as GET is, without the body", async () => {
  const answer = await createApp().request(`http://localhost${path}`, { method: "HEAD" });
  expect([answer.status, await answer.text()]).toEqual([200, ""]);
});

test("unknown paths are problems", async () => {
  for (const unknown of ["/api/nosuch", "/api/v1/nosuch", "/nosuch"]) {
    expect(await problemOf(await createApp().request(`http://localhost${unknown}`))).toMatchObject({
      status: 404,
    });
  }
});

test("a fault of the server is logged, and not told", async () => {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", destination: { write: (line) => lines.push(line) } });
  const answer = await createApp({ log }).request("http://localhost/api/v1/status?api_key=hush-hush");
  const problem = await problemOf(answer);
  expect(problem.status).toBe(500);
  expect(problem.detail).not.toContain("mongodb://");
  expect(lines.join("")).toContain("the database is at");
  expect(lines.join("")).toMatch(/request .*url="?\/api\/v1\/status/);
  expect(lines.join("")).not.toContain("hush-hush");
});

test("health and metrics come from where they are known, and keep nothing else from being kept", async () => {
  const health = new Hono().use(async (context, next) => {
    await next();
    context.header("x-health", "yes");
  });
  health.get("/health/live", (context) => context.text("alive"));
  const app = createApp({ health });
  const live = await app.request("http://localhost/health/live");
  expect([await live.text(), live.headers.get("x-health")]).toEqual(["alive", "yes"]);
  expect((await app.request(`http://localhost${path}`)).headers.get("x-health")).toBeNull();
});

test("reading ends when the time is over, and when the client hangs up", async () => {
  const ended = vi.fn();
  const endless: StoreReader = {
    ...empty,
    find: () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          ended();
          return { done: true, value: undefined };
        },
      }),
    }),
  };
  const late = await createApp({ store: endless, timeoutMs: 5 }).request(`http://localhost${path}`);
  expect(await problemOf(late)).toMatchObject({ status: 504 });
  expect(ended).toHaveBeenCalledTimes(1);
  const stuck = createApp({ store: endless, timeoutMs: 5, status: () => new Promise(() => {}) });
  expect((await stuck.request("http://localhost/api/v1/status")).status).toBe(504);
  const accept = "application/taxii+json;version=2.1";
  const page = await stuck.request("http://localhost/api/v21/", { headers: { accept } });
  expect([page.status, page.headers.get("content-type")]).toEqual([504, accept]);

  const server = createAdaptorServer({
    fetch: createApp({ store: endless, timeoutMs: 60_000 }).fetch,
    overrideGlobalObjects: false,
  });
  onTestFinished(() => {
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const asking = request({ host: "127.0.0.1", port, path }).on("error", () => {});
  asking.end();
  await once(server, "request");
  // The server has begun to read when its cursor is open.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = ended.mock.calls.length;
  asking.destroy();
  await vi.waitFor(() => expect(ended.mock.calls.length).toBeGreaterThan(before));
});
