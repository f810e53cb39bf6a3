/** A bundle cannot be loaded. The message names its file or URL, and says what to do. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}
