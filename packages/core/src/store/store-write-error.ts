/** The database did not take, or did not confirm, a write. What was asked for must not be recorded as done. */
export class StoreWriteError extends Error {
  override readonly name = "StoreWriteError";
}
