import { fileURLToPath } from "node:url";
import { runDev } from "@cti-connectors/dev-kit/run-dev";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test, vi } from "vitest";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = fileURLToPath(new URL("../../", import.meta.url));

test("connector-dev runs the connector alone against its demo and shows what was loaded", async () => {
  const { stdout, stderr, exitCode } = await runDev(folder);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/^threatfox_raw, documents of the last page$/mu);
  expect(stdout).toContain("malware_name: 'Cobalt Strike'");
  expect(stdout).toMatch(/^iocs +25 +25 +0 +0 +0 +0$/mu);
  expect(stdout).toMatch(/^threatfox: ok \(3 requests/mu);
});

test("connector-dev asks an upstream of one's own as the settings say", async () => {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  const settings = { API_URL: sandbox.threatfoxUrl, THREATFOX_API_KEY: sandbox.authKey, QUERY_DAYS: "1" };
  const { stdout, exitCode } = await runDev(folder, ["--json", "--log-level", "error"], settings);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: "ok", connectors: [{ name: "threatfox" }] });
  expect(sandbox.requests.map(({ body }) => body)).toContain('{"query":"get_iocs","days":1}');
});

test("connector-dev refuses a wrong setting by name", async () => {
  const { stdout, stderr, exitCode } = await runDev(folder, [], { QUERY_DAYS: "99" });
  expect(stderr).toContain("QUERY_DAYS must be a whole number from 1 to 7");
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
});
