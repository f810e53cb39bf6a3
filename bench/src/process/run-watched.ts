import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** What a process took. */
export interface Usage {
  /** From its start to its end. */
  readonly seconds: number;
  /** Of its processor time, in user and kernel mode, of all its threads. */
  readonly cpuSeconds: number;
  /** Peak anonymous memory. 0 on other systems than Linux. */
  readonly memoryMB: number;
  readonly stdout: string;
}

const watch = new URL("watch-process.mjs", import.meta.url).href;
const usage = z.object({ peak: z.number(), cpuMicroseconds: z.number() });

/** 1: `lookup` found nothing. Other commands that fail print nothing that can be read. */
const answered: ReadonlySet<unknown> = new Set([0, 1]);

/**
 * Runs Node with these arguments in a process of its own, its output in a file, as a person redirects it.
 *
 * @throws Error where it fails
 */
export async function runWatched(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Usage> {
  const folder = await mkdtemp(join(tmpdir(), "bench-process-"));
  const [usageFile, stdoutFile] = [join(folder, "usage.json"), join(folder, "stdout")];
  const stdout = await open(stdoutFile, "w");
  try {
    const startedAt = performance.now();
    const child = spawn(process.execPath, ["--import", watch, ...args], {
      cwd: folder,
      env: { ...process.env, INIT_CWD: folder, ...environment, BENCH_USAGE_FILE: usageFile },
      stdio: ["ignore", stdout.fd, "inherit"],
    });
    const [status] = await once(child, "close");
    const seconds = (performance.now() - startedAt) / 1_000;
    if (!answered.has(status)) {
      throw new Error(`node ${args.join(" ")} ended with status ${status}.`);
    }
    const { peak, cpuMicroseconds } = usage.parse(JSON.parse(await readFile(usageFile, "utf8")));
    return {
      seconds,
      cpuSeconds: cpuMicroseconds / 1e6,
      memoryMB: peak / 1_000,
      stdout: await readFile(stdoutFile, "utf8"),
    };
  } finally {
    await stdout.close();
    await rm(folder, { recursive: true, force: true });
  }
}
