/** A collection's objects came incomplete, so its load is not done. */
export class IncompleteCollectionError extends Error {
  override readonly name = "IncompleteCollectionError";

  constructor(
    readonly collectionId: string,
    /** How many objects the manifest lists. */
    readonly listed: number,
    /** How many of them did not come. */
    readonly missing: number,
    /** The release that was asked for, where it was an earlier one. */
    readonly release?: string,
  ) {
    super(
      `The manifest of ${collectionId}${release === undefined ? "" : ` in ATT&CK ${release}`} lists ${listed} objects, but the server did not send ${missing} of them: it ended the pages early. What it sent is stored; run again later.`,
    );
  }
}
