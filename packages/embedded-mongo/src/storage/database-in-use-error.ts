import type { FolderOwner } from "./folder-owner.js";

/** Another process has the embedded database open. */
export class DatabaseInUseError extends Error {
  override readonly name = "DatabaseInUseError";
  /** The process that has it open, where its lock file tells. */
  readonly pid: number | undefined;
  /** What that process has it open for, where its lock file tells. */
  readonly purpose: string | undefined;
  /** Where that process serves it, where its lock file tells. */
  readonly uri: string | undefined;

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
  }
}
