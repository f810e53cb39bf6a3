import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { startProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

const hasBash = spawnSync("bash", ["--version"]).status === 0;

/** What bash offers where a line ends so. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr, exitCode } = await startProcess(["completion", "bash"], {
    folder: temporaryFolder(),
  });
  expect(exitCode, stderr).toBe(0);
  const line = words.map((word) => `'${word}'`).join(" ");
  const script = `${stdout}\nCOMP_WORDS=(cti ${line}); COMP_CWORD=${words.length}; _cti; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split("\n");
}

test.runIf(hasBash)("bash completes commands, connectors, options, their values and formats", async () => {
  expect(await offered("stat")).toEqual(["status"]);
  expect(await offered("run", "mitre")).toEqual(["mitre-taxii"]);
  expect(await offered("status", "--js")).toEqual(["--json"]);
  expect(await offered("run", "--if-running", "")).toEqual(["wait", "skip", "fail"]);
  expect(await offered("export", "st")).toEqual(["stix"]);
  expect(await offered("--dem")).toEqual(["--demo"]);
});

test.each(["zsh", "fish", "powershell"])("there is a script for %s", async (shell) => {
  const { stdout, exitCode } = await startProcess(["completion", shell], { folder: temporaryFolder() });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("mitre-taxii");
});
