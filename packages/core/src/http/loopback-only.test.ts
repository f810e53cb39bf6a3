import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { clientOf, failureOf, statusErrorOf } from "../testing/http-client.js";
import { startHttpProxy } from "../testing/http-proxy.js";
import { startHttpServer } from "../testing/http-server.js";
import { HttpUrlError } from "./http-errors.js";

/** Only a proxy of these tests knows this host. */
const elsewhere = "feed.test";
const advice = "must start with http://127.0.0.1, http://[::1] or http://localhost";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loopback-only-"));
  return () => rm(folder, { recursive: true });
});
beforeEach(() => () => vi.unstubAllEnvs());

/** A server, and a proxy that leads from another host's name to it. */
async function startBoth() {
  const server = await startHttpServer((response) => response.end("fine"));
  const proxy = await startHttpProxy({ hosts: { [elsewhere]: Number(new URL(server.origin).port) } });
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]) {
    vi.stubEnv(name, `http://${proxy.host}`);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
  vi.stubEnv("NO_PROXY", undefined);
  vi.stubEnv("no_proxy", undefined);
  return { server, proxy };
}

test.each(["http", "https"])(
  "nothing is sent to an %s address elsewhere, by a proxy neither",
  async (scheme) => {
    const { server, proxy } = await startBoth();
    const { http, waits } = clientOf({ loopbackOnly: true, urlSetting: "FEED_URL" });
    const url = `${scheme}://${elsewhere}/list?token=hunter2hunter2`;
    for (const request of [http.request(url), http.download(url, { file: join(folder, "list") })]) {
      const error = await failureOf(request);
      expect(error).toBeInstanceOf(HttpUrlError);
      expect(String(error)).toContain(`Nothing was sent to ${scheme}://${elsewhere}/list`);
      expect(String(error)).toContain(`because this run stays on this machine: FEED_URL ${advice}`);
      expect(String(error)).not.toContain("hunter2");
    }
    expect([server.requests, proxy.received, waits]).toEqual([[], [], []]);
    expect(http.stats).toEqual({ requests: 0, retries: 0, throttled: 0 });
    expect(existsSync(join(folder, "list"))).toBe(false);
  },
);

test("the setting that is to be changed is the request's own, where it has one", async () => {
  const { http } = clientOf({ loopbackOnly: true, urlSetting: "FEED_URL", origin: "http://127.0.0.1:1" });
  const asked = (urlSetting?: string) => failureOf(http.request("https://feed.test/", { urlSetting }));
  expect(String(await asked("EXPORT_URL"))).toContain(`EXPORT_URL ${advice}`);
  expect(String(await asked())).toContain(`its address ${advice}`);
});

test("a redirect that leads elsewhere is not followed", async () => {
  const { proxy } = await startBoth();
  const server = await startHttpServer((response) =>
    response.writeHead(302, { location: `http://${elsewhere}/` }).end(),
  );
  const { http } = clientOf({ loopbackOnly: true });
  expect(await statusErrorOf(http.request(server.origin))).toMatchObject({ status: 302 });
  expect([server.requests.length, proxy.received.length]).toEqual([1, 0]);
});

test("this machine is asked as always", async () => {
  const { server, proxy } = await startBoth();
  const { http } = clientOf({ loopbackOnly: true });
  const { port } = new URL(server.origin);
  expect((await http.request(server.origin)).body).toBe("fine");
  expect((await http.request(`http://localhost:${port}/`)).body).toBe("fine");
  expect(proxy.received).toEqual([]);
});
