import { expect, test } from "vitest";
import { startClashing } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

test.each<[Readonly<Record<string, string>>, RegExp]>([
  [
    { CLASHING_SETTING: "API_URL" },
    /^ {2}API_URL is a setting of threatfox and of acme: give it another name in acme/m,
  ],
  [{ CLASHING_NAME: "base" }, /^Error: A connector is named base, which is a reserved name: give it/],
  [{ CLASHING_NAME: "status" }, /^Error: A connector is named status, which is a reserved name/],
  [{ CLASHING_NAME: "threatfox" }, /^Error: Two connectors are named threatfox/],
  [{ CLASHING_OPTION: "json" }, /^Error: The connector acme has the option --json, which is a flag of/],
  [
    { CLASHING_OPTION: "backfill" },
    /^Error: The connectors threatfox and acme share an option, but one writes/,
  ],
])("a program whose connectors clash in %j does not start, whatever the command", async (env, message) => {
  for (const args of [["status"], ["--help"]]) {
    const { exitCode, stdout, stderr } = await startClashing(args, { folder: temporaryFolder(), env });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  }
});

test("an option that two connectors share is one flag", async () => {
  const env = { CLASHING_OPTION: "sample" };
  const { exitCode, stdout } = await startClashing(["run", "--help"], { folder: temporaryFolder(), env });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    / --sample +mitre-taxii: load three objects per ATT&CK collection\n +acme: a test\n/,
  );
});
