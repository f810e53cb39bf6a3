import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { z } from "zod";

/** Who is running: a process on a host. */
export const runHolder = z.object({
  run_id: z.string(),
  host: z.string(),
  pid: z.number(),
  /** Tells apart processes that had the same number, as the first process of a container always has. */
  process_id: z.string(),
});
export type RunHolder = z.output<typeof runHolder>;

const processId = randomUUID();

/** This process, as the holder of a run. */
export function createRunHolder(runId: string): RunHolder {
  return { run_id: runId, host: hostname(), pid: process.pid, process_id: processId };
}

/** Whether the process is surely gone: it ran on this host, and no process has its number now. */
export function isSurelyGone({ host, pid, process_id }: RunHolder): boolean {
  if (host !== hostname() || process_id === processId) {
    return false;
  }
  return pid === process.pid || !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
