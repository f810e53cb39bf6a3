export interface BenchOptions {
  /** A STIX bundle. Absent: the usual one. */
  readonly file: string | undefined;
  readonly rounds: number;
  /** At most so many. */
  readonly documents: number;
  /** After which a variant of one document at a time is stopped. */
  readonly capSeconds: number;
  /** How many records are generated. */
  readonly records: number;
  /** How long clients read. */
  readonly seconds: number;
  /** Shows a table; nothing where the result is to be JSON. */
  readonly print: (text: string) => void;
}
