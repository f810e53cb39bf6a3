import { inspect } from "node:util";
import type { HttpSettings, Logger } from "@cti-connectors/core";
import { createHttpClient } from "@cti-connectors/core/host";
import { afterEach, describe, expect, test } from "vitest";
import { settingNames } from "../config/threatfox-config.js";
import { type ReceivedRequest, type ServedAnswer, serveAnswers } from "../testing/serve-answers.js";
import { createThreatfoxClient, type ThreatfoxClient } from "./create-threatfox-client.js";
import { ThreatfoxError } from "./threatfox-error.js";

const authKey = "5ecret-key-of-this-test";
const closers: (() => Promise<void>)[] = [];
const logged: unknown[] = [];
const record = (...line: unknown[]) => {
  logged.push(line);
};
const log: Logger = { debug: record, info: record, warn: record, error: record };

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
  logged.length = 0;
});

async function connect(
  answer: ServedAnswer | ((request: ReceivedRequest) => ServedAnswer),
  settings: HttpSettings = { retries: 0 },
  waits: number[] = [],
) {
  const server = await serveAnswers(answer);
  closers.push(server.close);
  const sleep = async (ms: number) => {
    waits.push(ms);
  };
  const signal = new AbortController().signal;
  const http = createHttpClient({ settings, log, signal, sleep, random: () => 1 });
  const client = createThreatfoxClient({ http, apiUrl: server.url, authKey, settingNames });
  return { client, server };
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) {
      return error;
    }
  }
  throw new Error("expected an error");
}

const json = (body: unknown): ServedAnswer => ({ body: JSON.stringify(body) });
const c2 = { id: "900001", ioc: "203.0.113.5:443", ioc_type: "ip:port", malware: "win.cobalt_strike" };

test("get_iocs is a POST with the key in a header and the days in the body", async () => {
  const { client, server } = await connect(json({ query_status: "ok", data: [c2] }));
  await client.getIocs({ days: 7 });
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]).toMatchObject({
    method: "POST",
    headers: { "auth-key": authKey, "content-type": "application/json" },
  });
  expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual({ query: "get_iocs", days: 7 });
});

const queries: readonly (readonly [(client: ThreatfoxClient) => Promise<unknown>, object, unknown])[] = [
  [(client) => client.getIocs(), { query: "get_iocs", days: 3 }, []],
  [(client) => client.getIocRecords({ days: 1 }), { query: "get_iocs", days: 1 }, []],
  [(client) => client.getIoc({ id: "7" }), { query: "ioc", id: "7" }, null],
  [
    (client) => client.searchIocs({ searchTerm: "203.0.113.5" }),
    { query: "search_ioc", search_term: "203.0.113.5", exact_match: true },
    [],
  ],
  [
    (client) => client.searchIocs({ searchTerm: "203", exactMatch: false }),
    { query: "search_ioc", search_term: "203", exact_match: false },
    [],
  ],
  [(client) => client.searchHash({ hash: "ab" }), { query: "search_hash", hash: "ab" }, []],
  [(client) => client.getIocsByTag({ tag: "rat" }), { query: "taginfo", tag: "rat", limit: 100 }, []],
  [
    (client) => client.getIocsByMalware({ malware: "Cobalt Strike", limit: 1000 }),
    { query: "malwareinfo", malware: "Cobalt Strike", limit: 1000 },
    [],
  ],
  [(client) => client.getLabels({ malware: "warzone" }), { query: "get_label", malware: "warzone" }, []],
  [
    (client) => client.getLabels({ malware: "warzone", platform: "win" }),
    { query: "get_label", malware: "warzone", platform: "win" },
    [],
  ],
  [(client) => client.listMalware(), { query: "malware_list" }, new Map()],
  [(client) => client.listTypes(), { query: "types" }, new Map()],
  [(client) => client.listTags(), { query: "tag_list" }, new Map()],
  [(client) => client.listEntries("types"), { query: "types" }, new Map()],
];

test.each(queries)("%s asks for %j, and no result is %j", async (ask, body, empty) => {
  for (const status of ["no_result", "no_results"]) {
    const { client, server } = await connect(json({ query_status: status, data: "Nothing found" }));
    expect(await ask(client)).toEqual(empty);
    expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual(body);
  }
});

test("IOCs keep unknown fields; missing and odd ones read as null", async () => {
  const odd = { id: 900002, ioc: "c2.example", tags: "x", confidence_level: "high", new_field: { a: [1] } };
  const { client } = await connect(json({ query_status: "ok", data: [c2, odd] }));
  const iocs = await client.getIocs();
  expect(iocs[0]).toMatchObject({ ...c2, tags: null, last_seen: null });
  expect(iocs[1]).toMatchObject({
    id: "900002",
    ioc: "c2.example",
    tags: null,
    confidence_level: null,
    new_field: { a: [1] },
  });
});

test("records as received are neither validated nor changed", async () => {
  const data = [c2, { id: 7 }, "text", null];
  const { client } = await connect(json({ query_status: "ok", data }));
  expect(await client.getIocRecords()).toEqual(data);
});

test("entries as received are neither validated nor changed", async () => {
  const data = '{"win.x":{"malware_printable":7},"win.y":null,"__proto__":{"a":1}}';
  const { client } = await connect({ body: `{"query_status":"ok","data":${data}}` });
  expect([...(await client.listEntries("malware_list"))]).toEqual([
    ["win.x", { malware_printable: 7 }],
    ["win.y", null],
    ["__proto__", { a: 1 }],
  ]);
});

test.each<[string, (client: ThreatfoxClient) => Promise<ReadonlyMap<string, unknown>>]>([
  ["listMalware", (client) => client.listMalware()],
  ["listTypes", (client) => client.listTypes()],
  ["listTags", (client) => client.listTags()],
])("%s keeps an entry whatever its name", async (_name, list) => {
  const { client } = await connect({
    body: '{"query_status":"ok","data":{"__proto__":{"a":1},"constructor":{"a":2}}}',
  });
  const entries = await list(client);
  expect([...entries.keys()]).toEqual(["__proto__", "constructor"]);
  expect(entries.get("__proto__")).toMatchObject({ a: 1 });
});

test.each([
  [[c2], "data: expected an object"],
  ["Enjoy", "data: expected an object"],
  [{ "win.x": 7 }, "data.win.x: "],
])("%j is no list of families", async (data, place) => {
  const { client } = await connect(json({ query_status: "ok", data }));
  await expect(client.listMalware()).rejects.toThrow(place);
});

test("the other answers are read, too", async () => {
  const { client } = await connect(({ body }) => {
    const answers: Record<string, unknown> = {
      ioc: { ...c2, comment: null, malware_samples: [{ md5_hash: "ab" }], credits: [] },
      get_label: [{ malware: "win.ave_maria", malware_printable: "Ave Maria" }],
      malware_list: { "win.cobalt_strike": { malware_printable: "Cobalt Strike", malware_alias: null } },
      types: { "1": { ioc_type: "url", fk_threat_type: "payload_delivery", description: "…" } },
      tag_list: [],
    };
    return json({ query_status: "ok", data: answers[JSON.parse(body).query] });
  });
  expect(await client.getIoc({ id: "900001" })).toMatchObject({ id: "900001", credits: [] });
  expect(await client.getLabels({ malware: "warzone" })).toMatchObject([{ malware: "win.ave_maria" }]);
  expect((await client.listMalware()).get("win.cobalt_strike")?.malware_printable).toBe("Cobalt Strike");
  expect((await client.listTypes()).get("1")?.ioc_type).toBe("url");
  expect(await client.listTags()).toEqual(new Map());
});

test.each([0, 8, 1.5, Number.NaN])("%d days are not asked for", async (days) => {
  const { client, server } = await connect({});
  await expect(client.getIocs({ days })).rejects.toThrow(/days must be a whole number from 1 to 7/u);
  expect(server.requests).toHaveLength(0);
});

test.each([0, 1001, 1.5, Number.NaN])("a limit of %d is not asked for", async (limit) => {
  const { client, server } = await connect({});
  for (const query of [
    client.getIocsByTag({ tag: "rat", limit }),
    client.getIocsByMalware({ malware: "x", limit }),
  ]) {
    await expect(query).rejects.toThrow(/limit must be a whole number from 1 to 1000/u);
  }
  expect(server.requests).toHaveLength(0);
});

describe("an error names what to do", () => {
  const keyAdvice = /THREATFOX_API_KEY.*https:\/\/auth\.abuse\.ch\//u;
  test.each<[string, ServedAnswer, RegExp, Partial<ThreatfoxError>]>([
    [
      "unknown key, 200",
      json({ query_status: "unknown_auth_key" }),
      keyAdvice,
      { queryStatus: "unknown_auth_key", httpStatus: 200 },
    ],
    [
      "unknown key, 403",
      { status: 403, ...json({ query_status: "unknown_auth_key", data: null }) },
      keyAdvice,
      { queryStatus: "unknown_auth_key", httpStatus: 403 },
    ],
    [
      "no key, 401",
      { status: 401, ...json({ query_status: "auth_key_required", data: "Send a key" }) },
      /auth_key_required: Send a key .*THREATFOX_API_KEY/u,
      { queryStatus: "auth_key_required", httpStatus: 401 },
    ],
    [
      "401 with other JSON",
      { status: 401, ...json({ error: "Unauthorized" }) },
      keyAdvice,
      { httpStatus: 401 },
    ],
    ["403 with a web page", { status: 403, body: "<html>Forbidden</html>" }, keyAdvice, { httpStatus: 403 }],
    [
      "403 with an unknown status",
      { status: 403, ...json({ query_status: "banned" }) },
      keyAdvice,
      { queryStatus: "banned" },
    ],
    [
      "bad days",
      json({ query_status: "illegal_days", data: "1-7" }),
      /QUERY_DAYS/u,
      { queryStatus: "illegal_days" },
    ],
    ["bad query", json({ query_status: "illegal_query" }), /API_URL/u, { queryStatus: "illegal_query" }],
    [
      "new status",
      json({ query_status: "on_holiday", data: "Back soon" }),
      /on_holiday: Back soon/u,
      { queryStatus: "on_holiday" },
    ],
    ["404", { status: 404, body: "gone" }, /404 Not Found: gone/u, { httpStatus: 404 }],
    ["502", { status: 502, body: "<html>Bad gateway</html>" }, /502 Bad Gateway/u, { httpStatus: 502 }],
    ["web page", { body: "<!DOCTYPE html>" }, /a web page instead of JSON.*API_URL/u, { httpStatus: 200 }],
    [
      "half an answer",
      { body: '{"query_status": "o' },
      /malformed or incomplete JSON.*API_URL/u,
      { httpStatus: 200 },
    ],
    ["nothing", { body: "" }, /an empty answer.*API_URL/u, { httpStatus: 200 }],
    ["204", { status: 204 }, /an empty answer with HTTP status 204/u, { httpStatus: 204 }],
    ["other JSON", json([c2]), /JSON that does not fit.*API_URL/u, { httpStatus: 200 }],
    ["ok without data", json({ query_status: "ok" }), /no data/u, { queryStatus: "ok" }],
    ["ok with null", json({ query_status: "ok", data: null }), /no data/u, { queryStatus: "ok" }],
    [
      "ok with a sentence",
      json({ query_status: "ok", data: "Enjoy" }),
      /get_iocs.*data: .*array/u,
      { queryStatus: "ok" },
    ],
    ["ok with an object", json({ query_status: "ok", data: { "1": [c2] } }), /get_iocs.*data: .*array/u, {}],
    ["an IOC without an IOC", json({ query_status: "ok", data: [c2, { id: "1" }] }), /data\.1\.ioc/u, {}],
  ])("%s", async (_name, answer, message, fields) => {
    const { client } = await connect(answer);
    const error = await failure(client.getIocs());
    expect(error).toBeInstanceOf(ThreatfoxError);
    expect(error.message).toMatch(message);
    expect(error).toMatchObject(fields);
  });

  test("a long sentence is cut, and is one line", async () => {
    const { client } = await connect(
      json({ query_status: "broken", data: `first\n${"long ".repeat(100)}end` }),
    );
    const { message } = await failure(client.getIocs());
    expect(message).toContain("broken: first long long");
    expect(message).toMatch(/…$/u);
    expect(message.length).toBeLessThan(300);
    expect(message).not.toContain("\n");
  });

  test("no answer at all", async () => {
    const { client, server } = await connect({});
    await server.close();
    closers.length = 0;
    const error = await failure(client.getIocs());
    expect(error.name).toBe("HttpConnectionError");
    expect(error.message).toMatch(/127\.0\.0\.1.*ECONNREFUSED/u);
  });
});

describe("a refusal of what comes too often", () => {
  const refusal = (status: number, said: object, headers: Record<string, string> = {}): ServedAnswer => ({
    status,
    headers,
    body: JSON.stringify(said),
  });
  const limited = { query_status: "ratelimited", msg: "slow down until noon" };

  /** Answers so many times with the refusal, then as usual. */
  function times(count: number, answer: ServedAnswer) {
    let left = count;
    return () => (left-- > 0 ? answer : json({ query_status: "ok", data: [c2] }));
  }

  test.each<[string, ServedAnswer]>([
    ["200", refusal(200, limited, { "retry-after": "7" })],
    ["402", refusal(402, limited, { "retry-after": "7" })],
    ["402 and another status", refusal(402, { query_status: "payment_required" }, { "retry-after": "7" })],
    ["402 and no JSON", { status: 402, headers: { "retry-after": "7" }, body: "<html>" }],
    ["200 and another status", refusal(200, { query_status: "maintenance" }, { "retry-after": "7" })],
  ])("with %s waits as long as it says, as for a 429", async (_kind, answer) => {
    const waits: number[] = [];
    const { client, server } = await connect(times(2, answer), { retries: 0 }, waits);
    expect(await client.getIocs()).toHaveLength(1);
    expect(waits).toEqual([7_000, 7_000]);
    expect(server.requests).toHaveLength(3);
  });

  test.each([200, 402])(
    "with %d and without a time waits longer each time, and gives up with its text",
    async (status) => {
      const waits: number[] = [];
      const { client, server } = await connect(refusal(status, limited), { retries: 0 }, waits);
      const { message } = await failure(client.getIocs());
      expect(message).toContain("ratelimited: slow down until noon (still after 10 waits: try again later)");
      expect(server.requests).toHaveLength(11);
      expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
    },
  );

  test("that asks for more than an hour fails at once, and says until when", async () => {
    const { client, server } = await connect(refusal(200, limited, { "retry-after": "7200" }));
    const { message } = await failure(client.getIocs());
    expect(message).toMatch(
      /slow down until noon \(it asks to wait until \d{4}-.*longer than the maximum wait of an hour/u,
    );
    expect(server.requests).toHaveLength(1);
  });

  test.each<[string, ServedAnswer, RegExp]>([
    ["msg", refusal(200, { query_status: "maintenance", msg: "back at six" }), /maintenance: back at six$/u],
    ["message", refusal(200, { query_status: "maintenance", message: "back" }), /maintenance: back$/u],
    ["data", refusal(402, { query_status: "no_credits", data: "buy some" }), /no_credits: buy some$/u],
    [
      "data and msg",
      refusal(402, { query_status: "no_credits", data: "none", msg: "buy some" }),
      /none: buy some$/u,
    ],
  ])("of another kind is not sent again, and its text in %s is shown", async (_field, answer, message) => {
    const { client, server } = await connect(answer);
    expect((await failure(client.getIocs())).message).toMatch(message);
    expect(server.requests).toHaveLength(1);
  });
});

describe("the key", () => {
  const echoes: readonly ServedAnswer[] = [
    json({ query_status: "unknown_auth_key", data: `The key ${authKey} is unknown` }),
    json({ query_status: `bad_${authKey}`, data: null }),
    { status: 403, ...json({ query_status: "unknown_auth_key", data: authKey }) },
    { status: 500, body: `Auth-Key was ${authKey}` },
    { status: 401, body: JSON.stringify({ headers: { "Auth-Key": authKey } }) },
    { body: `<html>${authKey}</html>` },
    { body: `${authKey} {"query_status":` },
    json({ query_status: "ok", data: authKey }),
    { status: 302, headers: { location: `http://127.0.0.1:1/?auth-key=${authKey}` } },
  ];
  test.each(echoes)("is in no error and no log line, whatever the server echoes: %j", async (answer) => {
    const { client } = await connect(answer);
    const error = await failure(client.getIocs());
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(authKey);
    expect(inspect(logged, { depth: 9 })).not.toContain(authKey);
  });

  test.each(["http://threatfox-api.abuse.ch/api/v1/", "http://203.0.113.5/", "not an address"])(
    "is not sent to %s",
    async (apiUrl) => {
      const send = () => {
        throw new Error("a request was sent");
      };
      const http = { request: send, json: send, download: send };
      const client = createThreatfoxClient({ http, apiUrl, authKey, settingNames });
      await expect(client.getIocs()).rejects.toThrow(/API_URL must .*https:\/\//u);
    },
  );

  test.each([301, 302, 303, 307, 308])("does not follow a %i to another origin", async (status) => {
    const other = await serveAnswers(json({ query_status: "ok", data: [] }));
    closers.push(other.close);
    const { client } = await connect({ status, headers: { location: other.url } });
    await expect(client.getIocs()).rejects.toThrow(ThreatfoxError);
    expect(other.requests).toHaveLength(0);
  });
});
