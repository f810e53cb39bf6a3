import { expect, onTestFinished, test } from "vitest";
import { type AnswerRequest, serveOnLoopback } from "./serve-on-loopback.js";

async function serve(answer: AnswerRequest): Promise<string> {
  const server = await serveOnLoopback(answer);
  onTestFinished(() => server.close());
  return server.url;
}

test("a function gets every request whole, and its answer is sent", async () => {
  const url = await serve(async (request) =>
    Response.json(
      { method: request.method, url: request.url, sent: await request.text() },
      { status: 202, headers: { "x-note": request.headers.get("x-note") ?? "" } },
    ),
  );
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  for (const path of ["", "a/b/", "a//b?c=%2F&d"]) {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      body: "text",
      headers: { "x-note": "1" },
    });
    expect([response.status, response.headers.get("x-note")]).toEqual([202, "1"]);
    expect(await response.json()).toEqual({ method: "POST", url: `${url}${path}`, sent: "text" });
  }
});

test.each<[string, AnswerRequest]>([
  [
    "throws",
    () => {
      throw new Error("no such page");
    },
  ],
  ["rejects", () => Promise.reject(new Error("no such page"))],
])("a function that %s answers 500, and goes on", async (_what, answer) => {
  let calls = 0;
  const url = await serve((request) => {
    calls += 1;
    return calls === 1 ? answer(request) : new Response("fine");
  });
  const failed = await fetch(url);
  expect([failed.status, await failed.text()]).toEqual([500, "no such page"]);
  expect(await (await fetch(url)).text()).toBe("fine");
});

test("nothing answers once it is closed, however often", async () => {
  const server = await serveOnLoopback(() => new Response("here"));
  expect(await (await fetch(server.url)).text()).toBe("here");
  await server.close();
  await server.close();
  await expect(fetch(server.url)).rejects.toThrow("fetch failed");
});
