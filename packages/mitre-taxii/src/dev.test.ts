import { runScript } from "@cti-connectors/dev-kit/run-script";
import { expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

test("the dev script runs the connector on sources, shows what was loaded, and ends", async () => {
  const { stdout, stderr, exitCode } = await runScript(new URL("dev.ts", import.meta.url));
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain('"attack_id":"T1059"');
  expect(stdout).toMatch(/^mitre-taxii: ok, requests: \d+$/mu);
  for (const step of ["collections", "manifest", "objects", "versions"]) {
    expect(stdout).toMatch(
      new RegExp(`^  ${step}: [1-9]\\d* inserted, 0 updated, 0 unchanged, 0 rejected$`, "mu"),
    );
  }
});
