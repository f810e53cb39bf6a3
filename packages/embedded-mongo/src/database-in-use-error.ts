/** Another process has the embedded database open. */
export class DatabaseInUseError extends Error {
  override readonly name = "DatabaseInUseError";

  constructor(
    readonly path: string,
    /** The process that has it open, where its lock file tells. */
    readonly pid: number | undefined,
    /** Where that process serves it, where its lock file tells. */
    readonly uri: string | undefined,
  ) {
    const owner = pid === undefined ? "another process" : `process ${pid}`;
    const advice =
      uri === undefined ? "stop that process first" : `stop it, or connect to it with MONGO_URI=${uri}`;
    super(`The embedded database in ${path} is in use by ${owner}: ${advice}.`);
  }
}
