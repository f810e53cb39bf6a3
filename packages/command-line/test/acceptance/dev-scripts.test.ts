import { expect, test } from "vitest";
import { startPnpm } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

test.each([
  ["threatfox", /^threatfox: ok, requests: 3$/m],
  ["mitre-taxii", /^mitre-taxii: ok, requests: \d+$/m],
])("pnpm --filter @cti-connectors/%s dev runs that connector alone and ends", async (name, outcome) => {
  const folder = temporaryFolder();
  const args = ["-s", "--filter", `@cti-connectors/${name}`, "dev"];
  const { stdout, stderr, exitCode } = await startPnpm(args, { folder });
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toMatch(outcome);
});
