import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { alterationsIn } from "../json/altered-values.js";
import { clientOf, statusErrorOf } from "../testing/http-client.js";
import { type Answer, inOrder, startHttpServer, status } from "../testing/http-server.js";
import type { JsonAnswer, NotModified } from "./http-client.js";

const catalogue = z.object({ version: z.string(), entries: z.array(z.unknown()) });
const content = { version: "1", entries: [{ id: "a" }] };
const date = "Wed, 01 Jul 2026 10:00:00 GMT";

const json =
  (body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(200, headers).end(JSON.stringify(body));

/** Answers 304 to whoever has the answer with this entity tag. */
const unlessMatched =
  (etag: string): Answer =>
  (response, request, index) =>
    (request.headers["if-none-match"] === etag ? status(304, { etag }) : json(content, { etag }))(
      response,
      request,
      index,
    );

describe("json", () => {
  test("returns the body by its schema, the validators, and where it came from", async () => {
    const server = await startHttpServer(
      inOrder(
        status(302, { location: "/b" }),
        status(503),
        status(302, { location: "/b" }),
        json(content, { ETag: '"1"', "Last-Modified": date, "X-Version": "7" }),
      ),
    );
    const answer = await clientOf().http.json(`${server.origin}/a`, catalogue, {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      body: "all",
    });
    expectTypeOf(answer).toEqualTypeOf<JsonAnswer<z.output<typeof catalogue>>>();
    expect(answer).toEqual({
      notModified: false,
      url: `${server.origin}/b`,
      status: 200,
      headers: expect.any(Map),
      body: content,
      validators: { etag: '"1"', lastModified: date },
      attempts: 2,
    });
    expect(answer.headers.get("x-version")).toBe("7");
    expect(server.requests[0]).toMatchObject({ method: "POST", body: "all" });
    expect(server.requests[0]?.headers).not.toHaveProperty("if-none-match");
  });

  test("returns what the schema makes of it, and no validators where there are none", async () => {
    const server = await startHttpServer(json({ at: "2026-07-01" }));
    const schema = z.object({ at: z.iso.date().transform((day) => new Date(day)) });
    const { body, validators, attempts } = await clientOf().http.json(server.origin, schema);
    expect(body).toEqual({ at: new Date("2026-07-01") });
    expect(validators).toEqual({});
    expect(attempts).toBe(1);
  });

  test.each([
    ["z.unknown()", z.object({ entries: z.array(z.unknown()) })],
    ["z.looseObject", z.object({ entries: z.array(z.looseObject({ id: z.string() })) })],
    ["z.object", z.object({ entries: z.array(z.object({ size: z.string() })) })],
  ])("still knows which values could not be kept where %s let them through", async (_, schema) => {
    const server = await startHttpServer((response) =>
      response.end('{"entries":[{"id":"a","size":12345678901234567890}]}'),
    );
    const { body } = await clientOf().http.json(server.origin, schema);
    expect(body.entries[0]).toHaveProperty("size", "12345678901234567890");
    expect(alterationsIn(body.entries[0])).toEqual([expect.stringMatching(/^size: a number kept as text/)]);
  });

  test("tells of bytes that are no UTF-8", async () => {
    const server = await startHttpServer((response) => response.end(Buffer.from('["\xff"]', "latin1")));
    const { body } = await clientOf().http.json(server.origin, z.array(z.unknown()));
    expect(alterationsIn(body)).toEqual(["0: invalid UTF-8 was replaced by U+FFFD"]);
  });
});

describe("an answer that is of no use", () => {
  test.each<[string, Answer, string]>([
    ["nothing", status(200), "an empty answer"],
    ["204", status(204), "an empty answer"],
    ["a web page", status(200, {}, "\n<html>"), "a web page instead of JSON"],
    ["half of it", status(200, {}, '{"version":"1","entr'), "malformed or incomplete JSON"],
    [
      "something else",
      json({ error: "down" }),
      "JSON that does not fit (version: expected string, but it is missing; entries: expected array, but it is missing)",
    ],
  ])("is asked for again: %s", async (_, answer, fault) => {
    const server = await startHttpServer(inOrder(answer, json(content)));
    const { http, waits } = clientOf();
    expect((await http.json(server.origin, catalogue)).body).toEqual(content);
    expect(waits.map(({ message }) => message)).toEqual([`${new URL(server.origin).host} sent ${fault}`]);
  });

  test("is an error after three attempts, that says what came and which setting to check", async () => {
    const page = "<title>Sign in</title>";
    const server = await startHttpServer(status(200, {}, page));
    const { http } = clientOf({ urlSetting: "FEED_URL" });
    const error = await statusErrorOf(http.json(`${server.origin}/feed.json`, catalogue));
    expect(error).toMatchObject({
      message: `${server.origin}/feed.json sent a web page instead of JSON with HTTP status 200: Sign in (given up after 3 attempts; check FEED_URL)`,
      status: 200,
      fault: "a web page instead of JSON",
      body: page,
    });
    expect(server.requests).toHaveLength(3);
  });

  test("names the first fields that do not fit, and the setting of this very address", async () => {
    const server = await startHttpServer(json({ entries: [1, {}, { id: 2 }, { id: "" }], more: true }));
    const { http } = clientOf({ urlSetting: "API_URL", retries: 0 });
    const schema = z.object({ entries: z.array(z.object({ id: z.string().min(1) })) });
    const error = await statusErrorOf(http.json(server.origin, schema, { urlSetting: "LIST_URL" }));
    expect(error.message).toBe(
      `${server.origin}/ sent JSON that does not fit (entries[0]: expected object, received number; entries[1].id: expected string, but it is missing; entries[2].id: expected string, received number; and 1 more) with HTTP status 200 (check LIST_URL)`,
    );
    const other = await statusErrorOf(http.json(server.origin, z.array(z.unknown())));
    expect(other.message).toContain(
      "sent JSON that does not fit (expected array, received object) with HTTP status 200",
    );
  });

  test("shows no secret, not even as the name of a field, and stays on one line", async () => {
    const key = "5ecret-key";
    // One of them lies where the text is cut off.
    const name = `${key}\n\u001b[31m${"x".repeat(447)}${key}`;
    const server = await startHttpServer(json({ [name]: 1, error: key }));
    const { http, waits } = clientOf({ headers: { "Auth-Key": key } });
    const error = await statusErrorOf(http.json(server.origin, z.record(z.string(), z.string())));
    const told = [error.message, error.fault, error.body, ...waits.map(({ message }) => message)].join();
    expect(told).not.toMatch(/5ecr|\p{Cc}/u);
    expect(error.fault?.length).toBeLessThanOrEqual(500);
  });

  test("a schema that throws is a fault of the program, and is thrown at once", async () => {
    const server = await startHttpServer(json(1));
    const schema = z.number().transform(() => {
      throw new TypeError("x is not a function");
    });
    await expect(clientOf().http.json(server.origin, schema)).rejects.toThrow(TypeError);
    expect(server.requests).toHaveLength(1);
  });
});

describe("a request for what has changed", () => {
  test("gets the answer and its validators, and with them the word that nothing has changed", async () => {
    const server = await startHttpServer(unlessMatched('"1"'));
    const { http } = clientOf();
    const known: { etag?: string } = {};
    const first = await http.json(server.origin, catalogue, { ifNoneMatch: known.etag });
    expectTypeOf(first).toEqualTypeOf<JsonAnswer<z.output<typeof catalogue>> | NotModified>();
    if (first.notModified) {
      expect.unreachable("nothing was known");
    }
    expect(first).toMatchObject({ body: content, validators: { etag: '"1"' } });
    const again = await http.json(server.origin, catalogue, { ifNoneMatch: first.validators.etag });
    expect(again).toEqual({
      notModified: true,
      url: `${server.origin}/`,
      headers: expect.any(Map),
      attempts: 1,
    });
    const changed = await http.json(server.origin, catalogue, { ifNoneMatch: '"0"' });
    expect(changed).toMatchObject({ notModified: false, body: content });
    expect(server.requests.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"1"', '"0"']);
  });

  test("is a GET", () => {
    const { http } = clientOf();
    // @ts-expect-error: only a GET can be conditional.
    const post = () => http.json("", catalogue, { method: "POST", ifNoneMatch: '"1"' });
    expect(post).toBeTypeOf("function");
  });

  test("sends the date, and other headers, too", async () => {
    const server = await startHttpServer(status(304));
    const answer = await clientOf().http.json(server.origin, catalogue, {
      headers: { Accept: "a/b" },
      ifNoneMatch: undefined,
      ifModifiedSince: date,
    });
    expect(answer.notModified).toBe(true);
    expect(server.requests[0]?.headers).toMatchObject({ "if-modified-since": date, accept: "a/b" });
    expect(server.requests[0]?.headers).not.toHaveProperty("if-none-match");
  });

  test("compares weak entity tags, too: they go back as they came", async () => {
    const server = await startHttpServer(unlessMatched('W/"1"'));
    const { http } = clientOf();
    const { validators } = await http.json(server.origin, catalogue);
    expect(validators).toEqual({ etag: 'W/"1"' });
    expect(await http.json(server.origin, catalogue, { ifNoneMatch: validators.etag })).toMatchObject({
      notModified: true,
    });
  });

  test("asks where it is redirected to, after a failure and a wait as well", async () => {
    const moved = status(302, { location: "/b" });
    const server = await startHttpServer(
      inOrder(moved, status(503), status(429, { "retry-after": "1" }), moved, unlessMatched('"1"')),
    );
    const answer = await clientOf().http.json(`${server.origin}/a`, catalogue, { ifNoneMatch: '"1"' });
    expect(answer).toMatchObject({ notModified: true, url: `${server.origin}/b`, attempts: 2 });
  });

  test.each([
    ["no condition", {}],
    ["an empty one", { ifNoneMatch: "", ifModifiedSince: "" }],
    ["one of an answer that is not known", { ifNoneMatch: undefined, ifModifiedSince: undefined }],
  ])("with %s is like any other: 304 is an error", async (_, conditions) => {
    const server = await startHttpServer(status(304));
    const { http } = clientOf();
    expect(await statusErrorOf(http.json(server.origin, catalogue, conditions))).toMatchObject({
      status: 304,
    });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers).not.toHaveProperty("if-none-match");
    expect(server.requests[0]?.headers).not.toHaveProperty("if-modified-since");
  });
});
