import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { signalAt, startProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

const [unshare = "", ...namespace] = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const canUnshare = spawnSync(unshare, [...namespace, "true"]).status === 0;

/** Runs the demo as the first process of a container, which gets SIGTERM once its standard error matches. */
const stopAt = (pattern: RegExp) =>
  startProcess(["run", "--demo", "--json"], {
    folder: temporaryFolder(),
    wrapper: [unshare, ...namespace],
    // What is misspelt is warned about before the command starts.
    env: { THREATFOX_APIKEY: "x", ...signalAt("SIGTERM", pattern) },
  });

describe.skipIf(!canUnshare)(
  "as the first process of a container (skipped where unshare is not permitted)",
  () => {
    test("SIGTERM ends a run, which reports what it has done", async () => {
      const { exitCode, stdout, stderr } = await stopAt(/inserted|objects/);
      expect(exitCode, stderr).toBe(130);
      expect(JSON.parse(stdout)).toMatchObject({ status: "interrupted" });
    });

    test("SIGTERM ends the program while nothing watches for it yet", async () => {
      const { exitCode, stderr } = await stopAt(/Warning: THREATFOX_APIKEY/);
      expect(exitCode, stderr).toBe(130);
    });
  },
);
