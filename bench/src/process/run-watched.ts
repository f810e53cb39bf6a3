import { type ChildProcess, spawn } from "node:child_process";
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

/** A process that is measured while it runs. */
export interface WatchedProcess {
  readonly process: ChildProcess;
  /** @throws Error where it fails */
  readonly ended: Promise<Usage>;
}

/**
 * Runs Node with these arguments in a process of its own, its output in a file, as a person redirects it.
 *
 * @throws Error where it fails
 */
export async function runWatched(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Usage> {
  return (await startWatched(args, environment)).ended;
}

/** The same for a process that runs until it is stopped. It can send messages. */
export async function startWatched(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<WatchedProcess> {
  const folder = await mkdtemp(join(tmpdir(), "bench-process-"));
  const [usageFile, stdoutFile] = [join(folder, "usage.json"), join(folder, "stdout")];
  const stdout = await open(stdoutFile, "w");
  const startedAt = performance.now();
  const child = spawn(process.execPath, ["--import", watch, ...args], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: folder, ...environment, BENCH_USAGE_FILE: usageFile },
    stdio: ["ignore", stdout.fd, "inherit", "ipc"],
  });
  return { process: child, ended: readUsage() };

  async function readUsage(): Promise<Usage> {
    try {
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
}
