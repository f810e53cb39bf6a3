import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { env, execPath } from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const pnpm = fileURLToPath(new URL("../../../node_modules/pnpm/bin/pnpm.cjs", import.meta.url));
const workspace = fileURLToPath(new URL("../../../", import.meta.url));
const bin = fileURLToPath(new URL("../bin/connector-dev.mjs", import.meta.url));

/** What a process wrote, and how it ended. */
export interface DevResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: unknown;
}

/** Settings, by environment variable. Those of the machine do not reach what is started. */
type Settings = Readonly<Record<string, string>>;

/** `pnpm --filter NAME dev` with these arguments, and no settings but these. */
export function runDev(
  name: string,
  args: readonly string[] = [],
  settings: Settings = {},
): Promise<DevResult> {
  return finishDev(start([pnpm, "--silent", "--filter", name, "dev", ...args], workspace, settings));
}

/** `connector-dev` in the folder of a package, in a process group of its own. */
export function startDev(folder: string, args: readonly string[] = [], settings: Settings = {}): StartedDev {
  return start([bin, ...args], folder, settings, { detached: true });
}

export type StartedDev = ReturnType<typeof start>;

/** Waits for the end. */
export async function finishDev(started: StartedDev): Promise<DevResult> {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(started.stdout),
    text(started.stderr),
    once(started, "close"),
  ]);
  return { stdout, stderr, exitCode };
}

function start(args: readonly string[], cwd: string, settings: Settings, options: SpawnOptions = {}) {
  const { PATH, HOME, TMPDIR } = env;
  return spawn(execPath, [...args], {
    ...options,
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 110_000,
    env: { PATH, HOME, TMPDIR, NO_COLOR: "1", ...settings },
  });
}
