import { expect, test, vi } from "vitest";
import { runScript } from "./run-script.js";

vi.setConfig({ testTimeout: 60_000 });

test("a run that fails shows what it loaded and why, without the key, and ends with 1", async () => {
  const { stdout, stderr, exitCode } = await runScript(new URL("./testing/lone-run.ts", import.meta.url));
  expect(exitCode, stderr).toBe(1);
  expect(stdout).toBe(
    [
      'a {"name":"a"}',
      "things: failed, things: no more things with [redacted], requests: 0",
      "  things: 1 inserted, 0 updated, 0 unchanged, 0 rejected",
      "",
    ].join("\n"),
  );
  expect(stderr).toMatch(/one thing comes, then none.* url=http:\/\/127\.0\.0\.1:\d+\/\S* key=\[redacted\]/);
});
