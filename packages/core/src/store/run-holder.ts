import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { errorCodeOf } from "../errors/inspect-error.js";
import type { StorePlace } from "./store-place.js";

/** Who is running: a process on a host. */
export const runHolder = z.object({
  run_id: z.string(),
  host: z.string(),
  pid: z.number(),
  /** Tells apart processes that had the same number, as the first process of a container always has. */
  process_id: z.string(),
  /** Identifies the running kernel, since hosts can have the same name. Linux only. */
  boot_id: z.string().exactOptional(),
  /** Where `pid` counts: each container has a namespace of its own. Linux only. */
  pid_namespace: z.string().exactOptional(),
  /** Its process has the embedded database open. */
  has_database: z.literal(true).exactOptional(),
});
export type RunHolder = z.output<typeof runHolder>;

const processId = randomUUID();

/** This process, as the holder of a run on a store. */
export function createRunHolder(
  runId: string,
  { kind, isBorrowed }: Pick<StorePlace, "kind" | "isBorrowed">,
): RunHolder {
  const boot_id = readOrNothing(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const pid_namespace = readOrNothing(() => readlinkSync("/proc/self/ns/pid"));
  return {
    run_id: runId,
    host: hostname(),
    pid: process.pid,
    process_id: processId,
    ...(boot_id !== undefined && { boot_id }),
    ...(pid_namespace !== undefined && { pid_namespace }),
    ...(kind === "embedded" && !isBorrowed && { has_database: true }),
  };
}

/**
 * Whether the process is proved to be gone. On this kernel it had the embedded database open, as this process has now; or it ran in this PID
 * namespace, and no process has its number now. Of any other only its silence can tell.
 *
 * @param store of this process
 */
export function isSurelyGone(holder: RunHolder, store: Pick<StorePlace, "kind" | "isBorrowed">): boolean {
  const here = createRunHolder(holder.run_id, store);
  const isOfThisBoot = here.boot_id !== undefined && holder.boot_id === here.boot_id;
  if (holder.process_id === processId || !isOfThisBoot) {
    return false;
  }
  const hasLostDatabase = holder.has_database === true && here.has_database === true;
  const isNeighbour =
    here.pid_namespace !== undefined &&
    holder.pid_namespace === here.pid_namespace &&
    holder.host === here.host;
  return hasLostDatabase || (isNeighbour && (holder.pid === process.pid || !isAlive(holder.pid)));
}

function readOrNothing(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) === "EPERM";
  }
}
