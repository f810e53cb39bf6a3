/** Which database it is: for messages. */
export interface StorePlace {
  readonly kind: "embedded" | "mongodb";
  /** Host and port, without credentials. */
  readonly host: string;
  /** The folder of the embedded database. */
  readonly folder?: string | undefined;
  /** The embedded database is open in another process, and read through its server. */
  readonly isBorrowed?: boolean | undefined;
}

/** Names the database in the middle of a sentence, with the setting that chooses it. */
export function nameOfStore({ kind, host, folder }: StorePlace): string {
  return kind === "mongodb"
    ? `MongoDB at ${host}`
    : `the embedded database${folder === undefined ? "" : ` in ${folder}`} (DATA_DIR)`;
}
