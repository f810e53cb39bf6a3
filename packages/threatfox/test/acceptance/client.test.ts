import type { HttpSettings, Logger } from "@cti-connectors/core";
import { createHttpClient } from "@cti-connectors/core/host";
import { type Sandbox, startSandbox } from "@cti-connectors/sandbox";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createThreatfoxClient } from "../../src/client/create-threatfox-client.js";
import { settingNames } from "../../src/config/threatfox-config.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const silent = () => {};
const log: Logger = { debug: silent, info: silent, warn: silent, error: silent };
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ attackFiles: [] });
});
afterAll(async () => {
  await sandbox?.close();
});

function connect(authKey = sandbox.authKey, settings: HttpSettings = {}) {
  const http = createHttpClient({
    settings,
    log,
    signal: new AbortController().signal,
    sleep: async () => {},
  });
  return {
    http,
    client: createThreatfoxClient({ http, apiUrl: sandbox.threatfoxUrl, authKey, settingNames }),
  };
}

describe("against the sandbox", () => {
  test("every query has an answer of the promised form", async () => {
    const { client } = connect();
    const iocs = await client.getIocs({ days: 7 });
    const [ioc] = iocs.filter(({ malware, tags }) => malware === "win.cobalt_strike" && tags !== null);
    expect(ioc).toBeDefined();
    const { id = "", ioc: searchTerm = "", tags } = ioc ?? {};
    const tag = tags?.[0] ?? "";
    expect(await client.getIoc({ id })).toMatchObject({ id, ioc: searchTerm });
    expect((await client.searchIocs({ searchTerm })).map((found) => found.id)).toContain(id);
    expect((await client.getIocsByTag({ tag })).map((found) => found.id)).toContain(id);
    expect((await client.getIocsByMalware({ malware: "Cobalt Strike" })).map((found) => found.id)).toContain(
      id,
    );
    expect(await client.getLabels({ malware: "cobalt", platform: "win" })).toMatchObject([
      { malware: "win.cobalt_strike" },
    ]);
    expect((await client.listMalware()).get("win.cobalt_strike")?.malware_printable).toBe("Cobalt Strike");
    expect([...(await client.listTypes()).values()].map(({ ioc_type }) => ioc_type)).toContain("ip:port");
    expect((await client.listTags()).has(tag)).toBe(true);
  });

  test("what does not exist is no error", async () => {
    const { client } = connect();
    expect(await client.getIoc({ id: "1" })).toBeNull();
    expect(await client.searchIocs({ searchTerm: "nowhere.example" })).toEqual([]);
    expect(await client.getIocsByMalware({ malware: "win.none" })).toEqual([]);
  });

  test("a wrong key is refused by name", async () => {
    await expect(connect("wrong").client.getIocs()).rejects.toThrow(
      /unknown_auth_key.*THREATFOX_API_KEY.*https:\/\/auth\.abuse\.ch\//u,
    );
  });

  test("one gateway error, one cut connection and half an answer are asked for again", async () => {
    const { client, http } = connect();
    sandbox.addFault({ upstream: "threatfox", answer: { kind: "html", status: 502 } });
    sandbox.addFault({ upstream: "threatfox", answer: { kind: "disconnect" } });
    sandbox.addFault({ upstream: "threatfox", answer: { kind: "truncate" } });
    expect((await client.getIocs()).length).toBeGreaterThan(0);
    expect(http.stats).toMatchObject({ requests: 4, retries: 3 });
  });

  test("malformed JSON is asked for again, and where it stays, is an error of ThreatFox's", async () => {
    sandbox.addFault({ upstream: "threatfox", answer: { kind: "malformed-json" } });
    expect((await connect().client.getIocs()).length).toBeGreaterThan(0);
    sandbox.addFault({ upstream: "threatfox", times: 3, answer: { kind: "malformed-json" } });
    const { client, http } = connect();
    await expect(client.getIocs()).rejects.toMatchObject({
      name: "ThreatfoxError",
      message: expect.stringMatching(/malformed or incomplete JSON.*given up after 3 attempts.*API_URL/u),
    });
    expect(http.stats.requests).toBe(3);
  });

  test("a lasting gateway error is told with its status", async () => {
    sandbox.addFault({ upstream: "threatfox", times: 2, answer: { kind: "html", status: 503 } });
    await expect(connect(sandbox.authKey, { retries: 1 }).client.getIocs()).rejects.toMatchObject({
      name: "ThreatfoxError",
      httpStatus: 503,
    });
  });
});
