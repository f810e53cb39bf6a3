import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** The process that has a folder open, as far as its lock file says. */
export interface FolderOwner {
  readonly pid?: number;
  readonly host?: string;
  /** Where `pid` counts, on Linux: each container has a namespace of its own. */
  readonly pidNamespace?: string;
  /** Its purpose, in a word or two. */
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

/** Another process has the embedded database open. */
export class DatabaseInUseError extends Error {
  override readonly name = "DatabaseInUseError";
  /** The process that has it open, where its lock file says. */
  readonly pid: number | undefined;
  /** What that process has it open for, where its lock file says. */
  readonly purpose: string | undefined;
  /** Where that process serves it, where its lock file says. */
  readonly uri: string | undefined;
  /** Whether that process runs in another container, so that its loopback interface is not that of this process. */
  readonly isElsewhere: boolean;

  /** @param pidNamespace of this process */
  constructor(
    readonly path: string,
    owner: FolderOwner,
    pidNamespace: string,
  ) {
    const { pid, host, purpose, uri } = owner;
    const process = `${pid === undefined ? "another process" : `process ${pid}`}${purpose === undefined ? "" : ` (${purpose})`}`;
    const isElsewhere = owner.pidNamespace !== undefined && owner.pidNamespace !== pidNamespace;
    super(
      isElsewhere
        ? `The embedded database in ${path} is in use by ${process} of another container (host name ${host}): wait until it has finished, stop it, or use a MongoDB server (MONGO_URI) for both.`
        : `The embedded database in ${path} is in use by ${process}: ${
            uri === undefined ? "stop that process first" : `stop it, or connect to it with MONGO_URI=${uri}`
          }.`,
    );
    this.pid = pid;
    this.purpose = purpose;
    this.uri = uri;
    this.isElsewhere = isElsewhere;
  }
}
