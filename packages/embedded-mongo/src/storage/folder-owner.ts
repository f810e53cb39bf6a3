import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** The process that has a folder open, as far as its lock file tells. */
export interface FolderOwner {
  readonly pid?: number;
  readonly host?: string;
  /** Where `pid` counts, on Linux: each container has a namespace of its own. */
  readonly pidNamespace?: string;
  /** What it has it open for. */
  readonly purpose?: string;
  /** Where it serves the database. */
  readonly uri?: string;
}

/** This process, as the owner of a folder. */
export function thisProcess(purpose?: string, uri?: string): FolderOwner {
  return {
    pid: process.pid,
    host: hostname(),
    pidNamespace: thisPidNamespace(),
    ...(purpose !== undefined && { purpose }),
    ...(uri !== undefined && { uri }),
  };
}

/** Reads a lock file. What cannot be read of it is left out. */
export function readOwner(file: string): FolderOwner {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof content !== "object" || content === null) {
      return {};
    }
    const { pid, host, pidNamespace, purpose, uri }: Record<string, unknown> = { ...content };
    return {
      ...(typeof pid === "number" && { pid }),
      ...(typeof host === "string" && { host }),
      ...(typeof pidNamespace === "string" && { pidNamespace }),
      ...(typeof purpose === "string" && { purpose }),
      ...(typeof uri === "string" && { uri }),
    };
  } catch {
    return {};
  }
}

/** Empty on systems that have none. */
export function thisPidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
