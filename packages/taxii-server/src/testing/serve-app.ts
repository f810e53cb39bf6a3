import { once } from "node:events";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { afterAll } from "vitest";
import { z } from "zod";

const bodySchema = z.looseObject({
  more: z.boolean().optional(),
  next: z.string().optional(),
  objects: z.array(z.looseObject({ id: z.string() })).optional(),
});

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; empty where it is not JSON. */
  readonly body: z.output<typeof bodySchema>;
  /** The ids in `objects`. */
  readonly ids: readonly string[];
}

/** Sends a request to a path. The right `Accept` is added where there is none. */
export type Send = (path: string, options?: RequestInit) => Promise<Answer>;

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers.splice(0)) {
    close();
  }
});

/** Serves an app on loopback until the tests of the file end. */
export async function serveApp(app: Hono): Promise<Send> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.close();
    if ("closeAllConnections" in server) {
      server.closeAllConnections();
    }
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the server has no TCP address");
  }
  return async (path, options = {}) => {
    const headers = new Headers(options.headers);
    if (!headers.has("accept")) {
      headers.set("accept", "application/taxii+json;version=2.1");
    }
    const url = `http://127.0.0.1:${address.port}${path}`;
    return readAnswer(await fetch(url, { ...options, headers }));
  };
}

async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = text !== "" && headers.get("content-type")?.includes("json");
  const body = isJson ? bodySchema.parse(JSON.parse(text)) : {};
  return { status, headers, text, body, ids: body.objects?.map(({ id }) => id) ?? [] };
}
