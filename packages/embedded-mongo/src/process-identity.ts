import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process, told apart from a later one with the same number where the system tells when it started. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: string | undefined;
  /** Where its number counts: the machine, or the container. */
  readonly where?: string | undefined;
}

export function processIdentity(pid = process.pid): ProcessIdentity {
  return { pid, started: startTime(pid), where: here() };
}

/** Whether the system can be asked for that process. A folder may be shared with other machines and containers. */
export function isFromHere(identity: ProcessIdentity): boolean {
  return identity.where === here();
}

function here(): string {
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

/** Linux: field 22 of /proc/PID/stat (proc(5)), in clock ticks since the boot that boot_id names. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${fields[19] ?? ""}`;
  } catch {
    return undefined;
  }
}

export function isRunning(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it runs, and belongs to someone else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  const started = startTime(identity.pid);
  return identity.started === undefined || started === undefined || started === identity.started;
}
