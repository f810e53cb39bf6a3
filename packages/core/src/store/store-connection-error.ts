/** The database cannot be reached or used. The message names the setting and says what to do. */
export class StoreConnectionError extends Error {
  override readonly name = "StoreConnectionError";
}
