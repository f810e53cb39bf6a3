import { once } from "node:events";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { onTestFinished } from "vitest";
import { z } from "zod";

const bodySchema = z.looseObject({
  more: z.boolean().optional(),
  next: z.string().optional(),
  objects: z.array(z.looseObject({ id: z.string() })).optional(),
  versions: z.array(z.string()).optional(),
});

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; empty where there is none. */
  readonly body: z.output<typeof bodySchema>;
  /** The ids in `objects`. */
  readonly ids: readonly string[];
}

/**
 * Serves an app on loopback until the test ends.
 *
 * @returns sends a request. `accept` is right unless the headers say otherwise; `null` leaves it out.
 */
export async function serveApp(app: Hono): Promise<(path: string, options?: RequestInit) => Promise<Answer>> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
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
    const response = await fetch(`http://127.0.0.1:${address.port}${path}`, { ...options, headers });
    const text = await response.text();
    const body = text === "" ? {} : bodySchema.parse(JSON.parse(text));
    return {
      status: response.status,
      headers: response.headers,
      text,
      body,
      ids: body.objects?.map(({ id }) => id) ?? [],
    };
  };
}
