import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCertificates, startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { startProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

const run = ["run", "mitre-taxii", "--json"];

test("a server behind TLS that wants a client certificate and a password is loaded by what .env says", async () => {
  const { ca, server, client } = await createCertificates({ passphrase: "open sesame" });
  const sandbox = await startSandbox({
    flavor: "standard",
    taxiiTls: { ...server, clientCa: ca },
    taxii: { auth: { kind: "basic", username: "loader", password: "hunter2" } },
  });
  onTestFinished(() => sandbox.close());
  const folder = temporaryFolder();
  mkdirSync(join(folder, "tls"));
  writeFileSync(join(folder, "tls", "ca.pem"), ca);
  writeFileSync(join(folder, "tls", "client.pem"), client.cert + client.key);
  writeFileSync(
    join(folder, ".env"),
    [
      `MITRE_TAXII_URL=${sandbox.taxiiUrl}`,
      "MITRE_USERNAME=loader",
      "MITRE_PASSWORD=hunter2",
      "MITRE_CA_FILE=tls/ca.pem",
      "MITRE_CLIENT_CERT_FILE=tls/client.pem",
      "MITRE_CLIENT_KEY_FILE=tls/client.pem",
      "MITRE_CLIENT_KEY_PASSPHRASE=open sesame",
      "LOG_LEVEL=debug",
    ].join("\n"),
  );
  const names = ["MITRE_TAXII_URL", "MITRE_USERNAME", "MITRE_PASSWORD", "MITRE_CA_FILE"];
  const more = [
    "MITRE_CLIENT_CERT_FILE",
    "MITRE_CLIENT_KEY_FILE",
    "MITRE_CLIENT_KEY_PASSPHRASE",
    "LOG_LEVEL",
  ];
  const env = Object.fromEntries([...names, ...more].map((name) => [name, undefined]));
  const { stdout, stderr, exitCode } = await startProcess(run, { folder, env });
  expect(exitCode, stderr).toBe(0);
  const [connector] = JSON.parse(stdout).connectors;
  const objects = connector.steps.find((step: { name: string }) => step.name === "objects");
  expect(objects.inserted).toBeGreaterThan(100);
  expect(stderr).toContain("request");
  expect(stdout + stderr).not.toMatch(/hunter2|open sesame|bG9hZGVyOmh1bnRlcjI|PRIVATE KEY/);
});

test("faulty credentials and certificates end the run before it starts: all told, none shown, exit status 2", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "garbage.pem"), "garbage");
  const { stdout, stderr, exitCode } = await startProcess(run, {
    folder,
    env: {
      MITRE_TAXII_URL: "http://taxii.example.com/taxii2/",
      MITRE_USERNAME: "loader",
      MITRE_TOKEN: "hunter2",
      MITRE_CA_FILE: "garbage.pem",
      MITRE_CLIENT_CERT_FILE: "missing.pem",
    },
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  const lines = stderr.split("\n").flatMap((line) => /^ {2}(MITRE_\w+ .*)$/.exec(line)?.[1] ?? []);
  expect(lines).toEqual([
    expect.stringMatching(/^MITRE_CLIENT_CERT_FILE names a file that cannot be read: .*missing\.pem/),
    expect.stringMatching(/^MITRE_PASSWORD must be set together with MITRE_USERNAME/),
    expect.stringMatching(/^MITRE_CLIENT_KEY_FILE must be set together with MITRE_CLIENT_CERT_FILE/),
    expect.stringMatching(/^MITRE_TOKEN cannot be used together with MITRE_USERNAME/),
    expect.stringMatching(/^MITRE_CA_FILE has no certificate: .*garbage\.pem/),
    expect.stringMatching(/^MITRE_TAXII_URL must start with https:\/\/, because credentials are sent there/),
  ]);
  expect(stderr).toContain(JSON.stringify(join(folder, "missing.pem")));
  expect(stderr).not.toContain("hunter2");
});
