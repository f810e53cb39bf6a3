import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@cti-connectors/core/host";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import {
  type Certificates,
  createCertificates,
  type SandboxOptions,
  startSandbox,
  type TaxiiAuth,
} from "@cti-connectors/sandbox";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { runPipeline } from "../../src/testing/pipeline.js";
import { startScriptedServer } from "../../src/testing/scripted-server.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const passphrase = "open sesame";
let folder: string;
let certificates: Certificates;
let files: { ca: string; otherCa: string; cert: string; key: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "any-server-"));
  certificates = await createCertificates({ passphrase });
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const { ca, client } = certificates;
  files = {
    ca: await write("ca.pem", ca),
    otherCa: await write("other-ca.pem", (await createCertificates()).ca),
    cert: await write("client.pem", client.cert),
    key: await write("client.key", client.key),
  };
});
afterAll(() => rm(folder, { recursive: true }));

async function start(options: SandboxOptions) {
  const sandbox = await startSandbox({ flavor: "standard", quota: null, ...options });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

const basic = Buffer.from("loader:pass:wörd").toString("base64");
const doors: readonly {
  readonly name: string;
  readonly auth: TaxiiAuth;
  readonly env: Readonly<Record<string, string>>;
  readonly header: readonly [string, string];
  /** None of which may be shown. */
  readonly secrets: readonly string[];
}[] = [
  {
    name: "HTTP Basic",
    auth: { kind: "basic", username: "loader", password: "pass:wörd" },
    env: { MITRE_USERNAME: "loader", MITRE_PASSWORD: "pass:wörd" },
    header: ["authorization", `Basic ${basic}`],
    secrets: ["pass:wörd", basic],
  },
  {
    name: "a bearer token",
    auth: { kind: "bearer", token: "abc.def-ghi" },
    env: { MITRE_TOKEN: "abc.def-ghi" },
    header: ["authorization", "Bearer abc.def-ghi"],
    secrets: ["abc.def-ghi"],
  },
  {
    name: "an API key",
    auth: { kind: "api-key", header: "X-API-Key", key: "qrstuvwx" },
    env: { MITRE_API_KEY: "qrstuvwx" },
    header: ["x-api-key", "qrstuvwx"],
    secrets: ["qrstuvwx"],
  },
  {
    name: "a key in a header of its own",
    auth: { kind: "api-key", header: "X-Subscription", key: "Key qrstuvwx" },
    env: { MITRE_API_KEY: "Key qrstuvwx", MITRE_API_KEY_HEADER: "X-Subscription" },
    header: ["x-subscription", "Key qrstuvwx"],
    secrets: ["qrstuvwx"],
  },
];

describeOnEmbedded("a server that wants", (openDatabase) => {
  describe.each(doors)("$name", ({ auth, env, header: [name, value], secrets }) => {
    async function load(expected: TaxiiAuth) {
      const sandbox = await start({ taxii: { auth: expected } });
      const store = await openDatabase();
      const lines: string[] = [];
      const log = createLogger({ level: "debug", destination: { write: (line) => lines.push(line) } });
      const report = await runPipeline(store, { MITRE_TAXII_URL: sandbox.taxiiUrl, ...env }, { log });
      for (const secret of secrets) {
        expect(lines.join("") + JSON.stringify(report)).not.toContain(secret);
      }
      return { report, sandbox, objects: await store.database.collection("objects").countDocuments() };
    }

    test("gets it with every request, and is loaded", async () => {
      const { report, sandbox, objects } = await load(auth);
      expect(report).toMatchObject({ status: "ok" });
      expect(objects).toBeGreaterThan(100);
      const sent = sandbox.requests.map(({ headers }) =>
        Buffer.from(String(headers[name]), "latin1").toString(),
      );
      expect(new Set(sent)).toEqual(new Set([value]));
    });

    test("says what to check where it is another", async () => {
      const { report, sandbox, objects } = await load({ kind: "bearer", token: "something else" });
      expect(report.status).toBe("failed");
      expect(report.reason).toContain("HTTP 401");
      expect(report.reason).toContain(
        "set or check MITRE_USERNAME and MITRE_PASSWORD, MITRE_TOKEN or MITRE_API_KEY",
      );
      expect(sandbox.requests).toHaveLength(1);
      expect(objects).toBe(0);
    });
  });

  test("credentials, and gets none, says which settings hold them", async () => {
    const sandbox = await start({ taxii: { auth: { kind: "bearer", token: "t" } } });
    const report = await runPipeline(await openDatabase(), { MITRE_TAXII_URL: sandbox.taxiiUrl });
    expect(report.reason).toContain("set or check MITRE_USERNAME and MITRE_PASSWORD, MITRE_TOKEN");
  });
});

describeOnEmbedded("a server whose discovery names an API root elsewhere", (openDatabase) => {
  test("is loaded, but what is for the one does not go to the other, and the log says so", async () => {
    const elsewhere = await start({});
    const root = new URL("/api/v21/", elsewhere.taxiiUrl).href;
    const discovery = { title: "here", default: root, api_roots: [root] };
    const here = await startScriptedServer(() => ({ body: discovery }));
    onTestFinished(() => here.close());
    const lines: string[] = [];
    const log = createLogger({ destination: { write: (line) => lines.push(line) } });
    const load = async (env: Readonly<Record<string, string>>) =>
      runPipeline(await openDatabase(), { MITRE_TAXII_URL: `${here.url}/taxii2/`, ...env }, { log });

    expect(await load({})).toMatchObject({ status: "ok" });
    expect(lines.join("")).not.toContain("credentials");
    expect(await load({ MITRE_TOKEN: "abc.def-ghi" })).toMatchObject({ status: "ok" });
    expect(lines.join("")).toContain(`are not sent to the API root ${root}, because its origin differs`);
    expect(elsewhere.requests.filter(({ headers }) => "authorization" in headers)).toEqual([]);
  });
});

describeOnEmbedded("a server behind TLS", (openDatabase) => {
  async function load(tls: SandboxOptions["taxiiTls"], env: Readonly<Record<string, string>>) {
    const sandbox = await start({
      ...(tls && { taxiiTls: tls }),
      taxii: { auth: { kind: "bearer", token: "t" } },
    });
    const store = await openDatabase();
    const settings = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_TOKEN: "t", ...env };
    const { status, reason } = await runPipeline(store, settings);
    const [root] = await store.database.collection("collections").find().toArray();
    return { status, reason, root: root?._id, origin: new URL(sandbox.taxiiUrl).origin };
  }

  test("is loaded where MITRE_CA_FILE vouches for it", async () => {
    const { status, root, origin } = await load(certificates.server, { MITRE_CA_FILE: files.ca });
    expect(status).toBe("ok");
    expect(origin).toMatch(/^https:/);
    expect(root).toBe(`${origin}/api/v21/`);
  });

  test("is not trusted without, and the setting is named", async () => {
    const none = await load(certificates.server, {});
    expect(none.status).toBe("failed");
    expect(none.reason).toContain("set MITRE_CA_FILE to a file with the server's CA certificate");
    const other = await load(certificates.server, { MITRE_CA_FILE: files.otherCa });
    expect(other.reason).toContain("check that MITRE_CA_FILE has the CA certificate of this server");
  });

  test("gets the client certificate that it wants", async () => {
    const tls = { ...certificates.server, clientCa: certificates.ca };
    const client = {
      MITRE_CA_FILE: files.ca,
      MITRE_CLIENT_CERT_FILE: files.cert,
      MITRE_CLIENT_KEY_FILE: files.key,
      MITRE_CLIENT_KEY_PASSPHRASE: passphrase,
    };
    expect(await load(tls, client)).toMatchObject({ status: "ok" });
    const without = await load(tls, { MITRE_CA_FILE: files.ca });
    expect(without.status).toBe("failed");
    expect(without.reason).toContain("the server requires a client certificate");
    expect(without.reason).toContain("set MITRE_CLIENT_CERT_FILE and MITRE_CLIENT_KEY_FILE");
  });
});
