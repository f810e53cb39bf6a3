/** A release that was asked for is stored of no collection. */
export class UnknownReleaseError extends Error {
  override readonly name = "UnknownReleaseError";

  constructor(
    readonly release: string,
    /** Those that are, oldest first. */
    readonly stored: readonly string[],
  ) {
    super(
      stored.length === 0
        ? `Release ${release} is not stored, and no other is.`
        : `Release ${release} is not stored; these are: ${stored.join(", ")}.`,
    );
  }
}
