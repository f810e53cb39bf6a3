import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createCertificates, startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const example = fileURLToPath(new URL("../../src/testing/client-example.ts", import.meta.url));

async function run(env: Readonly<Record<string, string>>) {
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  const child = spawn(process.execPath, [tsx, "--conditions=@cti-connectors/source", example], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, ...env },
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { stdout, stderr, exitCode };
}

test("the client works alone, with a token and an authority of one's own", async () => {
  const { ca, server } = await createCertificates();
  const token = "abc.def-ghi";
  const auth = { kind: "bearer", token } as const;
  const sandbox = await startSandbox({ flavor: "standard", taxiiTls: server, taxii: { auth } });
  const folder = await mkdtemp(join(tmpdir(), "client-example-"));
  onTestFinished(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true });
  });
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, ca);
  const env = { TAXII_URL: sandbox.taxiiUrl, TAXII_TOKEN: token, TAXII_CA_FILE: caFile };

  const { stdout, stderr, exitCode } = await run(env);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^Enterprise ATT&CK: [1-9]\d* tools$/m);
  expect(stdout).toMatch(/^ICS ATT&CK: \d+ tools$/m);

  const refused = await run({ ...env, TAXII_TOKEN: "wrong-token" });
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/TaxiiError: TAXII discovery .*401/);
  expect(refused.stderr).not.toContain("wrong-token");
});
