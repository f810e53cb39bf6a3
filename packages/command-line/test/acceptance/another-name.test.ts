import { expect, test } from "vitest";
import { startProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

test.each([
  [
    ["--help"],
    /^Usage: cti \[command\].* {2}# write only the report, for programs\n {2}\$ cti --json > report\.json/s,
  ],
  [["export", "--help"], /^Usage: cti export.* {2}\$ cti export ndjson --malware/s],
  [["status"], /^Load data: cti\nOr try it with sample data: cti --demo$/m],
  [["changes"], /^Load it first: cti run mitre-taxii$/m],
  [["export", "csv"], /Load IOCs first: cti run threatfox$/],
  [["--demo", "threatfox"], /^Query it:\n {2}cti mongo\n.*\n {2}2\. cti run threatfox$/ms],
])("a program of another name spells its own commands: cti %j", async (args, own) => {
  const { stdout, stderr } = await startProcess(args, { folder: temporaryFolder() });
  expect(`${stdout}\n${stderr}`).toMatch(own);
  expect(`${stdout}\n${stderr}`).not.toMatch(/pnpm|runner start/);
});
