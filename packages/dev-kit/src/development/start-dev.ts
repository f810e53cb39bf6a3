import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { env, execPath } from "node:process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../bin/connector-dev.mjs", import.meta.url));

/** What a process wrote, and how it ended. */
export interface DevResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: unknown;
}

/** Settings, by environment variable. Those of the machine do not reach what is started. */
export type DevSettings = Readonly<Record<string, string>>;

/** Starts `connector-dev` in the folder of a package, in a process group of its own. */
export function startDev(
  folder: string,
  args: readonly string[] = [],
  settings: DevSettings = {},
): StartedDev {
  const { PATH, HOME, TMPDIR } = env;
  return spawn(execPath, [bin, ...args], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 110_000,
    env: { PATH, HOME, TMPDIR, NO_COLOR: "1", ...settings },
  });
}

export type StartedDev = ChildProcessByStdio<null, Readable, Readable>;

/** Waits for the end. */
export async function finishDev(started: StartedDev): Promise<DevResult> {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(started.stdout),
    text(started.stderr),
    once(started, "close"),
  ]);
  return { stdout, stderr, exitCode };
}
