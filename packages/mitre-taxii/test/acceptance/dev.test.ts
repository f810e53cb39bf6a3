import { fileURLToPath } from "node:url";
import { runDev } from "@cti-connectors/dev-kit/run-dev";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test, vi } from "vitest";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = fileURLToPath(new URL("../../", import.meta.url));

test("connector-dev runs the connector alone against its demo and shows what was loaded", async () => {
  const { stdout, stderr, exitCode } = await runDev(folder);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(/^objects, documents of the last page$/mu);
  for (const step of ["collections", "manifest", "objects", "versions"]) {
    expect(stdout).toMatch(new RegExp(`^${step} +([1-9]\\d*) +\\1 +0 +0 +0 +0$`, "mu"));
  }
  expect(stdout).toMatch(/^mitre-taxii: ok \(\d+ requests/mu);
});

test("connector-dev asks an upstream of one's own as the settings say", async () => {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  const limits = async (settings: Readonly<Record<string, string>>) => {
    const before = sandbox.requests.length;
    const { stderr, exitCode } = await runDev(folder, ["--log-level", "error"], {
      MITRE_TAXII_URL: sandbox.taxiiUrl,
      MITRE_COLLECTIONS: "*ICS*",
      ...settings,
    });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    return sandbox.requests
      .slice(before)
      .flatMap(({ url }) => new URL(url, sandbox.taxiiUrl).searchParams.get("limit") ?? []);
  };
  const usual = await limits({});
  const small = await limits({ MITRE_PAGE_SIZE: "10" });
  expect(usual).not.toContain("10");
  expect(small).toContain("10");
  expect(small.length).toBeGreaterThan(usual.length);
});

test("connector-dev takes the connector's own options", async () => {
  const { stdout, exitCode } = await runDev(folder, ["--sample", "--json"]);
  expect(exitCode).toBe(0);
  const { connectors } = JSON.parse(stdout);
  expect(connectors[0].steps).toContainEqual(expect.objectContaining({ name: "objects", inserted: 9 }));
});

test("connector-dev refuses a wrong setting by name", async () => {
  const { stdout, stderr, exitCode } = await runDev(folder, [], { MITRE_PAGE_SIZE: "0" });
  expect(stderr).toContain("MITRE_PAGE_SIZE must be a whole number from 1 to 100000");
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
});
