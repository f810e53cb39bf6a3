import { once } from "node:events";
import { get, type RequestOptions } from "node:https";
import { Hono } from "hono";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type Certificates, createCertificates } from "./create-certificates.js";
import { listen, type ServerTls } from "./listen.js";
import type { UpstreamEnv } from "./upstream-env.js";

let certificates: Certificates;
beforeAll(async () => {
  certificates = await createCertificates({ passphrase: "open sesame" });
});

async function serve(tls: ServerTls): Promise<string> {
  const app = new Hono<UpstreamEnv>().get("/", (c) => c.text(c.req.url));
  const server = await listen(app, 0, tls);
  onTestFinished(() => server.close());
  return server.origin;
}

async function ask(url: string, options: RequestOptions): Promise<number | undefined> {
  const [answer] = await once(
    get(url, { agent: false, ...options }).on("response", (r) => r.resume()),
    "response",
  );
  return answer.statusCode;
}

test("speaks TLS with a certificate for this machine that only its authority vouches for", async () => {
  const origin = await serve(certificates.server);
  expect(origin).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  for (const url of [origin, origin.replace("127.0.0.1", "localhost")]) {
    expect(await ask(url, { ca: certificates.ca, family: 4 })).toBe(200);
  }
  await expect(ask(origin, {})).rejects.toThrow("unable to verify the first certificate");
});

test("refuses clients without a certificate of the authority that it asks for", async () => {
  const { ca, server, client } = certificates;
  const origin = await serve({ ...server, clientCa: ca });
  expect(await ask(origin, { ca, ...client, passphrase: "open sesame" })).toBe(200);
  await expect(ask(origin, { ca })).rejects.toThrow("certificate required");
  const stranger = await createCertificates();
  await expect(ask(origin, { ca, ...stranger.client })).rejects.toThrow();
});
