import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, configureConnector, createRedactor, parseConfig } from "@cti-connectors/core/host";
import { type Certificates, createCertificates } from "@cti-connectors/sandbox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mitreTaxii } from "../mitre-taxii.js";

const passphrase = "opensesame1";
let folder: string;
let certificates: Certificates;
let files: { ca: string; cert: string; key: string; garbage: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "check-access-"));
  certificates = await createCertificates({ passphrase });
  const { ca, client } = certificates;
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  files = {
    ca: await write("ca.pem", ca),
    cert: await write("client.pem", client.cert),
    key: await write("client.key", client.key),
    garbage: await write("garbage.pem", "garbage"),
  };
});
afterAll(() => rm(folder, { recursive: true }));

const url = "https://taxii.example.com/taxii2/";

function httpOf(environment: Readonly<Record<string, string>>) {
  return mitreTaxii.http?.(parseConfig(mitreTaxii.config, { MITRE_TAXII_URL: url, ...environment }));
}

function faultsOf(environment: Readonly<Record<string, string>>): string[] {
  try {
    parseConfig(mitreTaxii.config, { MITRE_TAXII_URL: url, ...environment });
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.message.split("\n");
    }
    throw error;
  }
  return [];
}

describe("credentials", () => {
  test("become the header that the server wants", () => {
    expect(httpOf({})).not.toHaveProperty("headers");
    expect(httpOf({ MITRE_USERNAME: "me", MITRE_PASSWORD: "pass:wörd" })?.headers).toEqual({
      Authorization: `Basic ${Buffer.from("me:pass:wörd").toString("base64")}`,
    });
    expect(httpOf({ MITRE_TOKEN: "abc.def" })?.headers).toEqual({ Authorization: "Bearer abc.def" });
    expect(httpOf({ MITRE_API_KEY: "abc" })?.headers).toEqual({ "X-API-Key": "abc" });
    expect(httpOf({ MITRE_API_KEY: "Token abc", MITRE_API_KEY_HEADER: "Authorization" })?.headers).toEqual({
      Authorization: "Token abc",
    });
  });

  test("are never shown, and neither is what the header makes of them", () => {
    const environment = { MITRE_USERNAME: "me", MITRE_PASSWORD: "abc" };
    const config = parseConfig(mitreTaxii.config, environment);
    const redact = createRedactor(configureConnector(mitreTaxii, config).secrets);
    const base64 = Buffer.from("me:abc").toString("base64");
    expect(redact(`sent ${base64}, or Basic ${base64}`)).toBe("sent [redacted], or [redacted]");
  });

  test("are told by name where one half is missing", () => {
    expect(faultsOf({ MITRE_USERNAME: "me" })).toEqual([
      "MITRE_PASSWORD must be set together with MITRE_USERNAME (it is not set)",
    ]);
    expect(faultsOf({ MITRE_PASSWORD: "hunter2" })).toEqual([
      "MITRE_USERNAME must be set together with MITRE_PASSWORD (it is not set)",
    ]);
    expect(faultsOf({ MITRE_API_KEY_HEADER: "X-Key" })).toEqual([
      "MITRE_API_KEY must be set together with MITRE_API_KEY_HEADER (it is not set)",
    ]);
  });

  test("are of one kind", () => {
    const faults = faultsOf({ MITRE_PASSWORD: "hunter2", MITRE_TOKEN: "hunter3", MITRE_API_KEY: "hunter4" });
    expect(faults).toEqual([
      "MITRE_USERNAME must be set together with MITRE_PASSWORD (it is not set)",
      expect.stringMatching(
        /^MITRE_TOKEN cannot be used together with MITRE_PASSWORD, because .*the value is a secret and is not shown\)$/,
      ),
      expect.stringMatching(
        /^MITRE_API_KEY cannot be used together with MITRE_PASSWORD, because .*the value is a secret and is not shown\)$/,
      ),
    ]);
    expect(faults.join()).not.toContain("hunter");
    // In a log, what stands behind the name of a secret and a colon is taken for its value.
    expect(createRedactor([])(faults.join("\n"))).toBe(faults.join("\n"));
  });

  test.each([
    ["MITRE_USERNAME", "me:you"],
    ["MITRE_TOKEN", "Bearer hunter2"],
    ["MITRE_API_KEY", "hünter2"],
    ["MITRE_PASSWORD", "hunter2\u0007"],
    ["MITRE_API_KEY_HEADER", "X-Key:"],
    ["MITRE_API_KEY_HEADER", "X Key"],
    ["MITRE_API_KEY_HEADER", "Host"],
  ])("%s cannot be %j", (name, value) => {
    const [fault = "", ...others] = faultsOf({ MITRE_API_KEY: "k", [name]: value }).filter(
      (line) => !line.includes("together") && !line.includes("because"),
    );
    expect(fault).toMatch(new RegExp(`^${name} must be `));
    expect(fault).not.toMatch(/h[uü]nter2/);
    expect(others).toEqual([]);
  });

  test("go over TLS, or to this machine", () => {
    for (const credentials of [
      { MITRE_USERNAME: "me", MITRE_PASSWORD: "hunter2" },
      { MITRE_TOKEN: "hunter2" },
      { MITRE_API_KEY: "hunter2" },
    ]) {
      expect(faultsOf({ ...credentials, MITRE_TAXII_URL: "http://taxii.example.com/" })).toEqual([
        'MITRE_TAXII_URL must start with https://, because credentials are sent there; http:// is for this machine only (127.0.0.1, [::1], localhost) (given: "http://taxii.example.com/")',
      ]);
      expect(faultsOf({ ...credentials, MITRE_TAXII_URL: "http://127.0.0.1:8080/taxii2/" })).toEqual([]);
    }
    expect(faultsOf({ MITRE_TAXII_URL: "http://taxii.example.com/" })).toEqual([]);
  });
});

describe("certificates", () => {
  test("are read from their files", () => {
    const { ca, client } = certificates;
    expect(httpOf({ MITRE_CA_FILE: files.ca })?.tls).toEqual({ ca });
    const environment = {
      MITRE_CLIENT_CERT_FILE: files.cert,
      MITRE_CLIENT_KEY_FILE: files.key,
      MITRE_CLIENT_KEY_PASSPHRASE: passphrase,
    };
    expect(httpOf(environment)?.tls).toEqual({ ...client, passphrase });
    expect(httpOf({})).not.toHaveProperty("tls");
  });

  test("are told by name where one half is missing", () => {
    expect(faultsOf({ MITRE_CLIENT_CERT_FILE: files.cert })).toEqual([
      "MITRE_CLIENT_KEY_FILE must be set together with MITRE_CLIENT_CERT_FILE (it is not set)",
    ]);
    expect(
      faultsOf({ MITRE_CLIENT_CERT_FILE: files.cert, MITRE_CLIENT_KEY_PASSPHRASE: "hunter2" }),
    ).toHaveLength(1);
    expect(faultsOf({ MITRE_CLIENT_KEY_PASSPHRASE: "hunter2" })).toEqual([
      "MITRE_CLIENT_KEY_FILE must be set together with MITRE_CLIENT_KEY_PASSPHRASE (it is not set)",
    ]);
  });

  test("are told by name and file where they are none, or cannot be read", () => {
    const missing = join(folder, "missing.pem");
    expect(faultsOf({ MITRE_CA_FILE: missing, MITRE_CLIENT_CERT_FILE: folder })).toEqual([
      `MITRE_CA_FILE names a file that cannot be read: there is no such file (ENOENT) (given: ${JSON.stringify(missing)})`,
      `MITRE_CLIENT_CERT_FILE names a file that cannot be read: it is a folder (EISDIR) (given: ${JSON.stringify(folder)})`,
      "MITRE_CLIENT_KEY_FILE must be set together with MITRE_CLIENT_CERT_FILE (it is not set)",
    ]);
    expect(
      faultsOf({
        MITRE_CA_FILE: files.garbage,
        MITRE_CLIENT_CERT_FILE: files.key,
        MITRE_CLIENT_KEY_FILE: files.cert,
      }),
    ).toEqual([
      expect.stringMatching(/^MITRE_CA_FILE has no certificate: .*garbage\.pem"\)$/),
      expect.stringMatching(/^MITRE_CLIENT_CERT_FILE has no certificate: .*, found ENCRYPTED PRIVATE KEY /),
      expect.stringMatching(/^MITRE_CLIENT_KEY_FILE has no private key: .*, found CERTIFICATE /),
    ]);
  });

  test("are told by the passphrase where that is missing or wrong", () => {
    const pair = { MITRE_CLIENT_CERT_FILE: files.cert, MITRE_CLIENT_KEY_FILE: files.key };
    expect(faultsOf(pair)).toEqual([
      "MITRE_CLIENT_KEY_PASSPHRASE must be set, because the private key is encrypted (it is not set)",
    ]);
    expect(faultsOf({ ...pair, MITRE_CLIENT_KEY_PASSPHRASE: "hunter2" })).toEqual([
      "MITRE_CLIENT_KEY_PASSPHRASE does not decrypt the private key (the value is a secret and is not shown)",
    ]);
  });

  test("are of no use without TLS", () => {
    expect(faultsOf({ MITRE_CA_FILE: files.ca, MITRE_TAXII_URL: "http://127.0.0.1/" })).toEqual([
      'MITRE_TAXII_URL must start with https://, because MITRE_CA_FILE is set (given: "http://127.0.0.1/")',
    ]);
  });
});

test("all faults come at once, those of other settings too", () => {
  expect(
    faultsOf({
      MITRE_TAXII_URL: "taxii.example.com",
      MITRE_PAGE_SIZE: "many",
      MITRE_USERNAME: "me",
      MITRE_CA_FILE: files.garbage,
    }).map((line) => line.split(" ")[0]),
  ).toEqual(["MITRE_TAXII_URL", "MITRE_PAGE_SIZE", "MITRE_PASSWORD", "MITRE_CA_FILE"]);
});
