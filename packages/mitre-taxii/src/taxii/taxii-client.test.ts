import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type ScriptedAnswer, startScriptedServer, testHttpClient } from "../testing/scripted-server.js";
import { createTaxiiClient } from "./taxii-client.js";
import { clientOptions } from "./taxii-connection.js";
import { TaxiiError } from "./taxii-error.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) {
    await close();
  }
});

async function serve(answer: (path: string, query: URLSearchParams) => ScriptedAnswer) {
  const server = await startScriptedServer(answer);
  closers.push(server.close);
  return {
    ...server,
    client: (path: string, options?: { readonly retries: number }) =>
      createTaxiiClient({ http: testHttpClient(options), url: `${server.url}${path}` }),
  };
}

async function errorOf(promise: Promise<unknown>): Promise<TaxiiError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TaxiiError)) {
    throw new TypeError(`expected a TaxiiError, got ${String(error)}`);
  }
  return error;
}

describe("finding the API root", () => {
  test("takes the default root of a discovery URL, written as a path, in one request", async () => {
    const server = await serve(() => ({
      body: { title: "ATT&CK", default: "/api/v21", api_roots: ["/api/v21/attack-1.0", "/api/v21"] },
    }));
    const root = await server.client("/taxii2/").defaultRoot();
    expect(root.url).toBe(`${server.url}/api/v21/`);
    expect(server.requests).toEqual(["/taxii2/"]);
    expect(server.accepted).toEqual(["application/taxii+json;version=2.1"]);
  });

  test("takes the first root where the server names no default, and roots written as URLs", async () => {
    const server = await serve(() => ({
      body: { title: "x", api_roots: ["https://taxii.example.com/one/", "https://taxii.example.com/two"] },
    }));
    const discovery = await server.client("/taxii2").discover();
    expect(discovery).toMatchObject({
      kind: "discovery",
      defaultRoot: "https://taxii.example.com/one/",
      apiRoots: ["https://taxii.example.com/one/", "https://taxii.example.com/two/"],
    });
    expect(server.requests).toEqual(["/taxii2/"]);
  });

  const own = (server: { url: string }, path: string) => `${server.url}${path}`;

  test.each([
    ["a path of a listed root", { default: "/root", api_roots: ["/taxii2/root"] }, "/taxii2/root/"],
    ["at another address than listed", { default: "http://localhost:1/r/", api_roots: ["/r/"] }, "/r/"],
    ["empty", { default: "", api_roots: ["/r"] }, "/r/"],
    ["a blank", { default: " ", api_roots: ["/r"] }, "/r/"],
    ["null", { default: null, api_roots: ["/r"] }, "/r/"],
    ["not listed at all", { default: "/r", api_roots: ["/s", "/t"] }, "/r/"],
    ["the only root", { default: "/r" }, "/r/"],
    ["beside a list with gaps", { api_roots: [null, "", "/r"] }, "/r/"],
    ["beside one root as text", { api_roots: "/r" }, "/r/"],
  ])("takes a root where the default is %s", async (_how, discovery, path) => {
    const server = await serve(() => ({ body: { title: "x", ...discovery } }));
    expect((await server.client("/taxii2/").defaultRoot()).url).toBe(own(server, path));
  });

  test.each([
    ["a text", { versions: "application/taxii+json;version=2.1" }, ["application/taxii+json;version=2.1"]],
    ["null", { versions: null }, []],
    ["a list of null", { versions: [null] }, []],
    ["a number", { versions: 2.1 }, []],
    ["absent", {}, []],
    ["absent, with a number as text", { max_content_length: "1000" }, []],
  ])("sees an API root whose versions are %s", async (_how, information, versions) => {
    const server = await serve(() => ({ body: { title: "r", ...information } }));
    expect(await server.client("/r/").discover()).toMatchObject({ kind: "api-root", versions });
  });

  test.each(["/api/v21", "/api/v21/"])("sees that %s is an API root itself, in one request", async (path) => {
    const server = await serve(() => ({
      body: { title: "root", versions: ["application/taxii+json;version=2.1"], max_content_length: 10_000 },
    }));
    const root = await server.client(path).defaultRoot();
    expect(root.url).toBe(`${server.url}/api/v21/`);
    expect(server.requests).toEqual(["/api/v21/"]);
    expect(await root.information()).toMatchObject({ title: "root", kind: "api-root" });
  });

  test("resolves another root against the client's URL", async () => {
    const server = await serve(() => ({ body: {} }));
    expect(server.client("/taxii2/").root("/api/v21/attack-17.1").url).toBe(
      `${server.url}/api/v21/attack-17.1/`,
    );
  });

  test("shows what the server says where the answer is neither", async () => {
    const server = await serve(() => ({ body: { message: "slow down" } }));
    expect((await errorOf(server.client("/taxii2/").discover())).message).toContain(
      'the server says "slow down"',
    );
    const collections = errorOf(server.client("/").root("/api").collections());
    expect((await collections).message).toContain("the server sent an error: slow down (HTTP 200)");
  });

  test("says so where the URL is neither", async () => {
    const server = await serve(() => ({ body: { collections: [] } }));
    const error = await errorOf(server.client("/api/v21/collections/").discover());
    expect(error.message).toContain("neither a discovery resource with API roots nor an API root");
    expect(error.message).toContain("Check `url`");
  });

  test("says so where the server lists a root that is no address", async () => {
    const server = await serve(() => ({ body: { title: "x", api_roots: ["http://"] } }));
    const error = await errorOf(server.client("/taxii2/").discover());
    expect(error.message).toContain('the API root "http://" is neither a URL nor a path');
  });
});

describe("collections", () => {
  test("reads both spellings, and keeps what it does not know", async () => {
    const standard = { id: "a", title: "A", can_read: false, can_write: true, media_types: ["m"], extra: 1 };
    const older = { id: "b", title: "B", canRead: false, canWrite: true, mediaTypes: ["m"] };
    const server = await serve(() => ({ body: { collections: [standard, older, { id: "c" }] } }));
    const collections = await server.client("/").root("/api/").collections();
    expect(collections).toMatchObject([
      { id: "a", canRead: false, canWrite: true, mediaTypes: ["m"], received: standard },
      { id: "b", canRead: false, canWrite: true, mediaTypes: ["m"], received: older },
      { id: "c", canRead: true, canWrite: false, mediaTypes: [], title: undefined },
    ]);
  });

  test("reads an empty object as no collections", async () => {
    const server = await serve(() => ({ body: {} }));
    expect(await server.client("/").root("/api").collections()).toEqual([]);
  });

  test("asks for one by id", async () => {
    const server = await serve(() => ({ body: { id: "a/b", title: "A" } }));
    expect((await server.client("/").root("/api").collection("a/b")).title).toBe("A");
    expect(server.requests).toEqual(["/api/collections/a/b/"]);
  });

  test("names the faulty field of an answer that is not TAXII", async () => {
    const server = await serve(() => ({ body: { collections: [{ title: "no id" }] } }));
    const error = await errorOf(server.client("/").root("/api").collections());
    expect(error.message).toContain("the response does not follow TAXII 2.1");
    expect(error.description).toContain("id");
  });
});

describe("refusals", () => {
  const message = {
    title: "Not Found",
    description: "there is no such root",
    error_id: "e1",
    error_code: "404",
    http_status: "404",
  };

  const login = '<html><title>Sign in</title><form><input name="p" type="password"></form>';
  const settings = "set or check `headers` of the HTTP client";

  test("names a login page, and what to set", async () => {
    const server = await serve(() => ({ body: login }));
    const { message } = await errorOf(server.client("/taxii2/").discover());
    expect(message).toContain("the server sent a login page");
    expect(message).toContain(settings);
    expect(message).not.toContain("Check `url`");
  });

  test("names the page that a redirect leads to", async () => {
    const server = await serve((path) =>
      path === "/dashboard/login"
        ? { body: "<html>Welcome" }
        : { status: 302, headers: { location: "/dashboard/login?next=/taxii2/" }, body: "" },
    );
    const { message } = await errorOf(server.client("/taxii2/").discover());
    expect(message).toContain(`a login page (HTML at ${server.url}/dashboard/login)`);
    expect(message).toContain(settings);
  });

  test("names a login page at another origin", async () => {
    const location = "https://login.example/oauth2/authorize?client_id=1";
    const server = await serve(() => ({ status: 302, headers: { location }, body: "" }));
    const { message } = await errorOf(server.client("/taxii2/").discover());
    expect(message).toContain("https://login.example");
    expect(message).toContain(settings);
  });

  test.each([
    [200, "<html>"],
    [404, "<html>"],
    [404, ""],
    [405, "<html>"],
    [413, "<html>"],
    [200, "nonsense"],
  ])("doubts the address with %i %j only where no root was read", async (status, body) => {
    const server = await serve(() => ({ status, body }));
    const client = server.client("/taxii2/");
    for (const first of [client.discover(), client.root("/api").collections()]) {
      expect((await errorOf(first)).message.toLowerCase()).toContain("check `url`");
    }
    const below = errorOf(client.root("/api").collection("x"));
    expect((await below).message).not.toMatch(/discovery URL|`url`/);
  });

  test("turns a TAXII error message into a TaxiiError", async () => {
    const server = await serve(() => ({ status: 404, body: message }));
    const error = await errorOf(server.client("/taxii2/").discover());
    expect(error).toMatchObject({
      name: "TaxiiError",
      request: "discovery",
      url: `${server.url}/taxii2/`,
      title: "Not Found",
      description: "there is no such root",
      httpStatus: 404,
      errorCode: "404",
      errorId: "e1",
    });
    expect(error.message).toBe(
      `TAXII discovery (${server.url}/taxii2/): Not Found: there is no such root (HTTP 404, error code 404)`,
    );
  });

  test("calls what can be set as the caller does", async () => {
    const server = await serve(() => ({ status: 404, body: "" }));
    const settingNames = { ...clientOptions, url: "TAXII_URL" };
    const client = createTaxiiClient({ http: testHttpClient(), url: `${server.url}/taxii2/`, settingNames });
    expect((await errorOf(client.discover())).message).toContain("Check TAXII_URL");
    expect((await errorOf(client.root("/api").collections())).message).toContain("Check TAXII_URL");
  });

  test.each([
    { status: 404, body: "", said: "is this the discovery URL or an API root? Check `url`" },
    { status: 406, body: "", said: "is it a TAXII 2.1 server?" },
    { status: 401, body: "nope", said: "set or check `headers` of the HTTP client" },
    { status: 401, body: "<html>", said: "set or check `headers` of the HTTP client" },
    { status: 401, body: { title: "Unauthorized" }, said: "`headers` of the HTTP client" },
    { status: 403, body: "", said: "no access to this resource" },
    {
      status: 400,
      body: "<html>400 No required SSL certificate was sent",
      said: "set or check `tls` of the HTTP client",
    },
    { status: 400, body: "<html>", said: "Check `url`" },
    { status: 400, body: { message: "the query is too long" }, said: "the query is too long" },
    { status: 418, body: "no coffee today", said: "the server refused: no coffee today" },
    {
      status: 401,
      body: { error: { message: "expired" } },
      said: "expired (the server requires credentials, or different ones",
    },
    {
      status: 200,
      body: { title: "Quota", description: "until noon", http_status: "429" },
      said: "Quota: until noon",
    },
    {
      status: 200,
      body: { title: "No", error_code: "401", http_status: 401 },
      said: "`headers` of the HTTP client",
    },
    { status: 200, body: { error: "down for maintenance" }, said: "sent an error: down for maintenance" },
    { status: 200, body: "<!doctype html><p>hi", said: "sent HTML, not TAXII" },
    { status: 404, body: "\n <html></html>", said: "sent HTML, not TAXII" },
    { status: 502, body: "<html></html>", said: "the answer comes from a gateway in front of the server" },
    { status: 200, body: "{", said: "sent something that is not JSON" },
    { status: 200, body: "", said: "sent an empty body" },
    { status: 200, body: "[]", said: "the response does not follow TAXII 2.1" },
    { status: 200, body: "null", said: "the response does not follow TAXII 2.1" },
  ])("names what is wrong with HTTP $status and '$body'", async ({ status, body, said }) => {
    const server = await serve(() => ({ status, body }));
    const error = await errorOf(server.client("/taxii2/").discover());
    expect(error.message).toContain(said);
    expect(error.message).toContain(`HTTP ${status}`);
    expect(error.message).toContain(server.url);
  });

  test.each([
    {
      to: "https://other.example/taxii2/?token=abc",
      said: "it redirects to another origin, https://other.example/taxii2/, and that is not followed; if it is the right place, change MITRE_TAXII_URL",
    },
    { to: "https://127.0.0.1/taxii2/", said: "change MITRE_TAXII_URL to start with https://127.0.0.1" },
    { to: "/taxii2/", said: "more than 5 redirects in a row" },
    { to: "http://", said: "an invalid address" },
  ])("says where a redirect to $to goes, and what to set", async ({ to, said }) => {
    const body = "<html><head><title>301 Moved Permanently</title></head></html>";
    const server = await serve(() => ({ status: 301, headers: { location: to }, body }));
    const error = await errorOf(server.client("/taxii2/").discover());
    expect(error.message).toContain(said);
    expect(error.message).toContain("(HTTP 301)");
    expect(error.message).not.toContain("abc");
  });

  test.each([429, 503])("says until when a %d wants us to wait, and what the server says", async (status) => {
    const body = { title: "Too much", description: "come back later" };
    const server = await serve(() => ({ status, headers: { "retry-after": "36000" }, body }));
    const error = await errorOf(server.client("/taxii2/").discover());
    expect(error.message).toMatch(
      /Too much: come back later; it asks to wait until 20\d\d-.*T.*Z, longer than/,
    );
  });

  test.each(["", "<html></html>", { title: "Down" }])(
    "says after how many attempts it gave up (%j)",
    async (body) => {
      const server = await serve(() => ({ status: 503, body }));
      const error = await errorOf(server.client("/taxii2/", { retries: 1 }).discover());
      expect(error.message).toContain("given up after 2 attempts");
    },
  );

  const whole = gzipSync(JSON.stringify({ title: "x", api_roots: ["/api/"] }));
  test.each<[string, ScriptedAnswer]>([
    ["truncated JSON of the promised length", { headers: { "content-length": "12" }, body: '{"title":"x"' }],
    [
      "a gzip body that is cut off",
      { headers: { "content-encoding": "gzip" }, body: whole.subarray(0, whole.length - 20) },
    ],
    ["HTML", { body: "<html>try later</html>" }],
    ["nothing", { body: "" }],
    ["204", { status: 204, body: "" }],
  ])("asks again where %s came with success once, and gives up where it stays", async (_, bad) => {
    const answers: ScriptedAnswer[] = [bad, { body: { title: "x", api_roots: ["/api/"] } }];
    const server = await serve(() => answers.shift() ?? bad);
    const client = server.client("/taxii2/", { retries: 4 });
    expect(await client.discover()).toMatchObject({ kind: "discovery" });
    expect(server.requests).toHaveLength(2);
    const error = await errorOf(client.discover());
    expect(error.message).toMatch(/given up after 3 attempts \(HTTP 20[04]\)$/);
    expect(server.requests).toHaveLength(5);
  });

  test("keeps status and words where the address is a list of ids", async () => {
    const server = await serve(() => ({
      status: 403,
      body: { title: "Forbidden", description: "too long" },
    }));
    const id = Array.from({ length: 60 }, (_, index) => `indicator--6ba7b810-9dad-11d1-80b4-${index}`);
    const pages = server.client("/").root("/api").objects("1", { match: { id } });
    const error = await errorOf(pages[Symbol.asyncIterator]().next());
    expect(error.url).toContain(id.join("%2C"));
    expect(error.message).toMatch(/^TAXII .{0,300}…\): Forbidden: too long \(HTTP 403\)$/);
  });
});
