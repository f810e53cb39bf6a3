import { runScript } from "@cti-connectors/dev-kit/run-script";
import { expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

test("the dev script runs the connector on sources, shows what was loaded, and ends", async () => {
  const { stdout, stderr, exitCode } = await runScript(new URL("../../src/dev.ts", import.meta.url));
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toMatch(/Cobalt Strike/u);
  expect(stdout).toMatch(/^threatfox: ok, requests: 3$/mu);
  expect(stdout).toMatch(/^ {2}iocs: [1-9]\d* inserted, 0 updated, 0 unchanged, 0 rejected$/mu);
});
