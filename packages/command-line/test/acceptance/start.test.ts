import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kill } from "node:process";
import { describe, expect, test } from "vitest";
import { closedPort, seen, startPnpm, startRunner } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

test("starts that come at the same moment build once and all work", async () => {
  const folder = temporaryFolder();
  const started = await Promise.all([1, 2, 3].map(() => startRunner(["--version"], { folder })));
  for (const { stdout, stderr, exitCode } of started) {
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
    expect(stderr).toMatch(/^(Building …)?$/);
  }
});

test("the compiler gets no keys", async () => {
  const folder = temporaryFolder();
  const preload = join(folder, "record-environment.cjs");
  const record =
    'require("node:fs").appendFileSync(__dirname + "/seen", JSON.stringify([process.argv, process.env]) + "\\n");';
  writeFileSync(preload, record);
  const { exitCode } = await startRunner(["--version"], {
    folder,
    env: {
      NODE_OPTIONS: `--require ${preload}`,
      THREATFOX_API_KEY: "k3y-of-mine",
      MONGO_URI: "mongodb://u:p@127.0.0.1/",
    },
  });
  expect(exitCode).toBe(0);
  const seen = readFileSync(join(folder, "seen"), "utf8").trim().split("\n");
  const compilers = seen.filter((line) => line.includes("dist/tsconfig.json"));
  expect(compilers.length).toBeGreaterThan(0);
  expect(compilers.join("")).not.toMatch(/k3y-of-mine|MONGO_URI/);
  expect(seen.join("")).toContain("k3y-of-mine");
});

describe("under pnpm", () => {
  test("flags arrive, and nothing else is on standard output with -s", async () => {
    const folder = temporaryFolder();
    const silent = ["-s", "--filter", "runner", "start"];
    const [version, help, dashes] = await Promise.all([
      startPnpm([...silent, "--version"], { folder }),
      startPnpm([...silent, "sandbox", "--help"], { folder }),
      startPnpm([...silent, "--", "--version"], { folder }),
    ]);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+$/);
    expect(help.stdout).toMatch(/^Usage: npx pnpm --filter runner start sandbox/);
    expect(dashes.stdout).toBe(version.stdout);
    expect([version.exitCode, help.exitCode, dashes.exitCode]).toEqual([0, 0, 0]);
  });

  test("the exit status arrives", async () => {
    const { exitCode } = await startPnpm(["--filter", "runner", "start", "--nonsense"], {
      folder: temporaryFolder(),
    });
    expect(exitCode).toBe(2);
  });

  test("Ctrl-C in the terminal, which reaches pnpm too, lets the program finish first", async () => {
    const env = { MITRE_TAXII_URL: `http://127.0.0.1:${await closedPort()}/taxii2/`, HTTP_RETRIES: "50" };
    const args = ["-s", "--filter", "runner", "start", "run", "mitre-taxii", "--json"];
    const started = startPnpm(args, { folder: temporaryFolder(), env });
    await seen(started, "stderr", /waiting: /);
    kill(-(started.pid ?? 0), "SIGINT");
    const { stdout, exitCode, signal } = await started;
    expect(JSON.parse(stdout)).toMatchObject({ status: "interrupted" });
    // A shell reads an end by SIGINT as 130.
    expect(exitCode ?? signal).toSatisfy((end) => end === 130 || end === "SIGINT");
  });

  test("a program whose pnpm was killed stops as well", async () => {
    const started = startPnpm(["-s", "--filter", "runner", "start", "sandbox"], {
      folder: temporaryFolder(),
    });
    const { taxii } = JSON.parse(await seen(started, "stdout", /\n/));
    started.kill("SIGTERM");
    await expect
      .poll(
        () =>
          fetch(taxii).then(
            () => "there",
            () => "gone",
          ),
        { timeout: 20_000 },
      )
      .toBe("gone");
  });
});
