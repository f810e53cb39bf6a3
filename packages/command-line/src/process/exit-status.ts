/** How the process ends. A server (`sandbox`, `mongo`) that is asked to stop ends with `ok`. */
export const exitStatus = {
  /** Everything asked for was done, or skipped because it is not set up. */
  ok: 0,
  /** A connector, the store or a server failed. */
  failed: 1,
  /** Settings or command line are wrong: nothing was started. */
  usage: 2,
  /** A run was interrupted, and what it had was saved. */
  interrupted: 130,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** The command line or a setting is wrong: the message says which, and what is expected. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
