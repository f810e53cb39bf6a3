import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createRequestBudget } from "../budget/request-budget.js";
import { clientOf, connectionErrorOf, failureOf, statusErrorOf } from "../testing/http-client.js";
import { type Answer, inOrder, startHttpServer, status } from "../testing/http-server.js";
import { createMemoryLedger } from "../testing/memory-ledger.js";

// Time-outs happen on the real clock.
vi.setConfig({ testTimeout: 30_000 });

let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "download-"));
  file = join(folder, "export.zip");
  return () => rm(folder, { recursive: true });
});

const content = randomBytes(300_000);
const etag = '"1"';

/** What a server says of a file that it can send parts of. */
const whole = { etag, "content-length": String(content.length), "accept-ranges": "bytes" };

/** Sends what was asked for, as RFC 9110, section 14 says. */
const serve: Answer = (response, { headers }) => {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
  if (start === 0 || headers["if-range"] !== etag) {
    response.writeHead(200, whole).end(content);
    return;
  }
  const rest = content.subarray(start);
  response
    .writeHead(206, {
      etag,
      "content-length": String(rest.length),
      "content-range": `bytes ${start}-${content.length - 1}/${content.length}`,
    })
    .end(rest);
};

/** Answers that are to be cut off, when what they brought is in the file. */
const unfinished: ServerResponse[] = [];

function cutOff(): void {
  unfinished.pop()?.destroy();
}

/** Sends the first bytes, and no more. */
const begin =
  (bytes: number, headers: Record<string, string> = whole): Answer =>
  (response) => {
    response.writeHead(200, headers).write(content.subarray(0, bytes));
    unfinished.push(response);
  };

async function isWhole(): Promise<boolean> {
  return content.equals(await readFile(file));
}

function rangesOf(requests: readonly { readonly headers: Record<string, unknown> }[]) {
  return requests.map(({ headers }) => [headers.range, headers["if-range"]]);
}

describe("a download", () => {
  test("writes the answer to the file, in place of what was there, and tells how far it is", async () => {
    await writeFile(file, "x".repeat(400_000));
    const server = await startHttpServer(inOrder(status(302, { location: "/b" }), serve));
    const told: unknown[] = [];
    const { http } = clientOf({ headers: { "Auth-Key": "k" } });
    const download = await http.download(`${server.origin}/a`, {
      headers: { Accept: "application/zip" },
      file,
      onProgress: (bytes) => told.push(bytes),
    });
    expect(download).toMatchObject({ url: `${server.origin}/b`, bytes: content.length });
    expect(download.headers.get("etag")).toBe(etag);
    expect(await isWhole()).toBe(true);
    expect(server.requests[1]?.headers).toMatchObject({
      accept: "application/zip",
      "accept-encoding": "identity",
      "auth-key": "k",
    });
    expect(told.at(-1)).toEqual({ read: content.length, total: content.length });
    // The clock of this test stands still: told with the first bytes, and at the end.
    expect(told).toHaveLength(2);
    expect(http.stats).toEqual({ requests: 2, retries: 0, throttled: 0 });
  });

  test("of 100 MB is the same on disk, and not held in memory", async () => {
    const block = randomBytes(1_000_000);
    const sent = createHash("sha256");
    const server = await startHttpServer(async (response) => {
      for (let i = 0; i < 100; i += 1) {
        sent.update(block);
        if (!response.write(block)) {
          await new Promise((resolve) => response.once("drain", resolve));
        }
      }
      response.end();
    });
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const { http } = clientOf({}, { now: () => new Date() });
    const { bytes } = await http.download(server.origin, {
      file,
      onProgress: ({ total }) => {
        expect(total).toBeUndefined();
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      },
    });
    expect(bytes).toBe(100_000_000);
    expect(most).toBeLessThan(80_000_000);
    expect(
      createHash("sha256")
        .update(await readFile(file))
        .digest("hex"),
    ).toBe(sent.digest("hex"));
  });

  test("of nothing is an empty file", async () => {
    const server = await startHttpServer(status(200));
    expect(await clientOf().http.download(server.origin, { file })).toMatchObject({ bytes: 0 });
    expect(await readFile(file, "utf8")).toBe("");
  });

  test("unpacks what is compressed on the way though it asked for the bytes as they are", async () => {
    const zipped = gzipSync(content);
    const server = await startHttpServer((response) => {
      response
        .writeHead(200, { etag, "content-encoding": "gzip", "content-length": String(zipped.length) })
        .end(zipped);
    });
    expect(await clientOf().http.download(server.origin, { file })).toMatchObject({ bytes: content.length });
    expect(await isWhole()).toBe(true);
  });
});

describe("a download that was cut off", () => {
  test("goes on where it stopped, as often as it takes", async () => {
    const server = await startHttpServer(
      inOrder(
        begin(1000),
        (response) => {
          response
            .writeHead(206, { etag, "content-range": `bytes 1000-${content.length - 1}/${content.length}` })
            .write(content.subarray(1000, 1001));
          unfinished.push(response);
        },
        serve,
      ),
    );
    const { http, waits } = clientOf();
    expect(await http.download(server.origin, { file, onProgress: cutOff })).toMatchObject({
      bytes: content.length,
    });
    expect(await isWhole()).toBe(true);
    expect(rangesOf(server.requests)).toEqual([
      [undefined, undefined],
      ["bytes=1000-", etag],
      ["bytes=1001-", etag],
    ]);
    expect(http.stats).toEqual({ requests: 3, retries: 2, throttled: 0 });
    expect(waits.map(({ reason }) => reason)).toEqual(["retry", "retry"]);
  });

  test("goes on by the date of the file where it has no strong entity tag", async () => {
    const dated = {
      etag: 'W/"1"',
      "last-modified": "Sun, 01 Nov 2026 00:00:00 GMT",
      date: "Sun, 01 Nov 2026 00:00:01 GMT",
    };
    const rest = content.subarray(1000);
    const server = await startHttpServer(
      inOrder(begin(1000, dated), (response) =>
        response
          .writeHead(206, { "content-range": `bytes 1000-${content.length - 1}/${content.length}` })
          .end(rest),
      ),
    );
    await clientOf().http.download(server.origin, { file, onProgress: cutOff });
    expect(await isWhole()).toBe(true);
    expect(rangesOf(server.requests)[1]).toEqual(["bytes=1000-", dated["last-modified"]]);
  });

  test("starts again where the upstream has another file by now", async () => {
    const server = await startHttpServer(inOrder(begin(1000, { ...whole, etag: '"0"' }), serve));
    expect(await clientOf().http.download(server.origin, { file, onProgress: cutOff })).toMatchObject({
      bytes: content.length,
    });
    expect(await isWhole()).toBe(true);
    expect(rangesOf(server.requests)[1]).toEqual(["bytes=1000-", '"0"']);
  });

  test.each<[string, Record<string, string>]>([
    ["says nothing by which a file is known", { "content-length": String(content.length) }],
    ["has a weak entity tag only", { etag: 'W/"1"' }],
    [
      "changed the file in the second in which it sent it",
      { "last-modified": "Sun, 01 Nov 2026 00:00:00 GMT", date: "Sun, 01 Nov 2026 00:00:00 GMT" },
    ],
  ])("starts again where the upstream %s", async (_, headers) => {
    const server = await startHttpServer(inOrder(begin(1000, headers), serve));
    await clientOf().http.download(server.origin, { file, onProgress: cutOff });
    expect(await isWhole()).toBe(true);
    expect(rangesOf(server.requests)[1]).toEqual([undefined, undefined]);
  });

  test.each<[string, Answer]>([
    ["416", status(416, { "content-range": `bytes */${content.length}` })],
    [
      "another part",
      (response) =>
        response
          .writeHead(206, { etag, "content-range": `bytes 0-${content.length - 1}/${content.length}` })
          .end(content),
    ],
    ["a part of nothing", status(206, { etag }, "x")],
    [
      "a part of another file",
      status(206, { etag: '"2"', "content-range": `bytes 1000-1000/${content.length}` }, "x"),
    ],
  ])("starts again where the answer is %s", async (_, odd) => {
    const server = await startHttpServer(inOrder(begin(1000), odd, serve));
    const { http, waits } = clientOf();
    await http.download(server.origin, { file, onProgress: cutOff });
    expect(await isWhole()).toBe(true);
    expect(rangesOf(server.requests).map(([range]) => range)).toEqual([undefined, "bytes=1000-", undefined]);
    expect(waits[1]?.message).toMatch(/^The download from 127\.0\.0\.1:\d+ broke off: the upstream /);
  });

  test("goes on where the upstream sent less than the rest", async () => {
    const short: Answer = (response) =>
      response
        .writeHead(206, { etag, "content-range": `bytes 1000-1999/${content.length}` })
        .end(content.subarray(1000, 2000));
    const server = await startHttpServer(inOrder(begin(1000), short, serve));
    await clientOf().http.download(server.origin, { file, onProgress: cutOff });
    expect(await isWhole()).toBe(true);
    expect(rangesOf(server.requests)[2]).toEqual(["bytes=2000-", etag]);
  });

  test("unpacked bytes are no place to go on from", async () => {
    const zipped = gzipSync(content);
    const broken: Answer = (response) => {
      response.writeHead(200, { etag, "content-encoding": "gzip" });
      response.write(zipped.subarray(0, 200_000));
      unfinished.push(response);
    };
    const server = await startHttpServer(inOrder(broken, serve));
    await clientOf().http.download(server.origin, { file, onProgress: cutOff });
    expect(await isWhole()).toBe(true);
    expect(rangesOf(server.requests)[1]).toEqual([undefined, undefined]);
  });

  test("fails after as many attempts as a request, and leaves no file", async () => {
    const server = await startHttpServer(begin(10));
    const error = await connectionErrorOf(
      clientOf({ retries: 2 }).http.download(server.origin, { file, onProgress: cutOff }),
    );
    expect(error.message).toContain("cut off");
    expect(error.message).toContain("given up after 3 attempts");
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("the time-out of a download", () => {
  test("counts for each 64 KiB", async () => {
    const server = await startHttpServer((response) => {
      response.writeHead(200, whole);
      let sent = 0;
      const timer = setInterval(() => {
        response.write(content.subarray(sent, sent + 50_000));
        sent += 50_000;
        if (sent === content.length) {
          clearInterval(timer);
          response.end();
        }
      }, 250);
    });
    const { http } = clientOf({ timeoutMs: 1000 });
    expect(await http.download(server.origin, { file })).toMatchObject({ bytes: content.length });
    expect(http.stats.retries).toBe(0);
  });

  test("ends an attempt in which nothing comes any more, and the next goes on", async () => {
    const server = await startHttpServer(
      inOrder((response) => {
        response.writeHead(200, whole).write(content.subarray(0, 1000));
      }, serve),
    );
    const { http, waits } = clientOf({ timeoutMs: 1000 });
    await http.download(server.origin, { file });
    expect(await isWhole()).toBe(true);
    expect(waits[0]?.message).toContain("sent only 1000 bytes, less than 64 KiB, in 1 s");
    expect(rangesOf(server.requests)[1]).toEqual(["bytes=1000-", etag]);
  });
});

test("a download that trickles ends, although bytes come all the time", async () => {
  const server = await startHttpServer((response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x"), 20);
    response.once("close", () => clearInterval(timer));
  });
  const { http } = clientOf({ timeoutMs: 300, retries: 0 });
  const error = await connectionErrorOf(http.download(server.origin, { file }));
  expect(error.message).toMatch(/sent only \d+ bytes, less than 64 KiB, in 0.3 s; .*HTTP_TIMEOUT_MS/);
  expect(await readdir(folder)).toEqual([]);
});

describe("a download that is too long", () => {
  const tooLong = /sends more than the 1 MiB allowed: raise HTTP_MAX_DOWNLOAD_MB .*http:\/\/127/;
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));

  test.each<[string, Answer]>([
    ["says so", (response) => response.writeHead(200, { "content-length": "1048577" }).write("x")],
    [
      "has no end",
      (response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) {}
        };
        response.on("drain", more);
        more();
      },
    ],
    ["is a gzip bomb", (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb)],
  ])("and %s is refused at the bound, once, and leaves no file", async (_, answer) => {
    const server = await startHttpServer(answer);
    const { http } = clientOf({ maxDownloadBytes: 1024 * 1024 });
    const error = await connectionErrorOf(http.download(server.origin, { file }));
    expect(error.message).toMatch(tooLong);
    expect(server.requests).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test("and unpacks as nothing real does is refused long before the bound", async () => {
    const packed = gzipSync(Buffer.alloc(120_000_000));
    const server = await startHttpServer((response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(packed),
    );
    let written = 0;
    const onProgress = ({ read }: { readonly read: number }) => {
      written = read;
    };
    const error = await connectionErrorOf(clientOf().http.download(server.origin, { file, onProgress }));
    expect(error.message).toMatch(
      /sends \d+ bytes that unpack to \d+ or more: this looks like a decompression bomb \(http/,
    );
    expect(written).toBeLessThanOrEqual(100_000_000);
    expect(server.requests).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test("is taken up to the bound", async () => {
    const server = await startHttpServer((response) => response.end(Buffer.alloc(1024 * 1024)));
    const { http } = clientOf({ maxDownloadBytes: 1024 * 1024 });
    expect((await http.download(server.origin, { file })).bytes).toBe(1024 * 1024);
  });
});

test("a refusal is told with its text and without keys, and leaves no file", async () => {
  const server = await startHttpServer((response, { headers }) =>
    response.writeHead(403).end(`unknown key ${headers["auth-key"]}`),
  );
  const { http } = clientOf({ headers: { "Auth-Key": "0123456789abcdef" } });
  const error = await statusErrorOf(http.download(server.origin, { file }));
  expect(error).toMatchObject({ status: 403, body: "unknown key [redacted]" });
  expect(await readdir(folder)).toEqual([]);
});

test("keys do not go to another origin, which is not followed", async () => {
  const other = await startHttpServer(serve);
  const server = await startHttpServer(status(302, { location: other.origin }));
  const { http } = clientOf({ headers: { "Auth-Key": "k" }, origin: server.origin });
  const error = await statusErrorOf(http.download(server.origin, { file, urlSetting: "EXPORT_URL" }));
  expect(error.message).toContain("redirects to another origin");
  expect(error.message).toContain("change EXPORT_URL");
  await http.download(other.origin, { file });
  expect(other.requests.map(({ headers }) => headers["auth-key"])).toEqual([undefined]);
});

test("every attempt is taken from the budget, and 429 and 503 are waited for", async () => {
  const server = await startHttpServer(
    inOrder(status(429, { "retry-after": "7" }), status(503, { "retry-after": "9" }), begin(10), serve),
  );
  const ledger = createMemoryLedger();
  const quota = { requests: 10, windowMs: 600_000 };
  const { clock, ...unlimited } = clientOf();
  await unlimited.http.download(server.origin, { file, onProgress: cutOff });
  expect(clock.sleeps.slice(0, 2)).toEqual([7_000, 9_000]);
  const budget = createRequestBudget({ key: "u", quota, ledger, now: clock.now, sleep: clock.sleep });
  const { http } = clientOf({}, { budget });
  await http.download(server.origin, { file });
  expect(await budget.remaining()).toBe(9);
});

describe("a download of what has changed", () => {
  const unlessMatched: Answer = (response, request, index) =>
    (request.headers["if-none-match"] === etag ? status(304) : serve)(response, request, index);

  test("brings the file and its validators, and with them the word that nothing has changed", async () => {
    const server = await startHttpServer(unlessMatched);
    const { http } = clientOf();
    const first = await http.download(server.origin, { file, ifNoneMatch: '"0"', ifModifiedSince: "" });
    expect(first).toMatchObject({ notModified: false, bytes: content.length, validators: { etag } });
    expect(await isWhole()).toBe(true);
    const again = await http.download(server.origin, { file, ifNoneMatch: etag });
    expect(again).toEqual({
      notModified: true,
      url: `${server.origin}/`,
      headers: expect.any(Map),
      attempts: 1,
    });
    expect(await isWhole()).toBe(true);
    expect(server.requests[0]?.headers).not.toHaveProperty("if-modified-since");
  });

  test("leaves no file where nothing has changed and none was there", async () => {
    const server = await startHttpServer(unlessMatched);
    expect(await clientOf().http.download(server.origin, { file, ifNoneMatch: etag })).toMatchObject({
      notModified: true,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test("goes on where it was cut off", async () => {
    const server = await startHttpServer(inOrder(begin(1000), serve));
    const { http } = clientOf();
    await http.download(server.origin, { file, ifNoneMatch: '"0"', onProgress: cutOff });
    expect(await isWhole()).toBe(true);
    expect(server.requests[1]?.headers).toMatchObject({
      "if-none-match": '"0"',
      "if-range": etag,
      range: "bytes=1000-",
    });
  });

  test("without a condition is like any other: 304 is an error, and leaves no file", async () => {
    const server = await startHttpServer(status(304));
    const error = await statusErrorOf(
      clientOf().http.download(server.origin, { file, ifNoneMatch: undefined }),
    );
    expect(error.status).toBe(304);
    expect(await readdir(folder)).toEqual([]);
  });
});

test("a file that cannot be written is told before anything is asked for", async () => {
  const server = await startHttpServer(serve);
  const error = await failureOf(clientOf().http.download(server.origin, { file: join(folder, "a", "b") }));
  expect(error).toMatchObject({ code: "ENOENT", path: join(folder, "a", "b") });
  expect(server.requests).toEqual([]);
});

test.skipIf(!existsSync("/dev/full"))("a full disk is told with the name of the file", async () => {
  await symlink("/dev/full", file);
  const server = await startHttpServer(serve);
  const { http, waits } = clientOf();
  const error = await failureOf(http.download(server.origin, { file }));
  expect(error).toMatchObject({
    message: `${file} cannot be written: ENOSPC: no space left on device, write`,
    cause: { code: "ENOSPC" },
  });
  expect(waits).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});

test("what the file's progress throws ends the download, and is no failure of the network", async () => {
  const server = await startHttpServer(serve);
  const error = new Error("no room");
  const { http, waits } = clientOf();
  const download = http.download(server.origin, {
    file,
    onProgress() {
      throw error;
    },
  });
  expect(await failureOf(download)).toBe(error);
  expect(waits).toEqual([]);
});

describe("an interrupted run", () => {
  const reason = new Error("interrupted");

  test("cuts a download off at once, and leaves no file", async () => {
    const interrupt = new AbortController();
    const server = await startHttpServer((response) => {
      response.writeHead(200, whole).write(content.subarray(0, 1000));
    });
    const { http } = clientOf({}, { signal: interrupt.signal });
    const download = http.download(server.origin, { file, onProgress: () => interrupt.abort(reason) });
    await expect(download).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
  });

  test("starts none", async () => {
    const server = await startHttpServer(serve);
    const { http } = clientOf({}, { signal: AbortSignal.abort(reason) });
    await expect(http.download(server.origin, { file })).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });
});
