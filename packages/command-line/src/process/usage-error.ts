/** The command line or a setting is wrong: the message says which, and what is expected. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
