/** What stands in an export in the place of a record, and why it cannot be read as one. */
export class UnreadableEntry {
  readonly content: readonly unknown[];
  /** As the rest of a sentence. */
  readonly reason: string;

  constructor(content: readonly unknown[], reason: string) {
    this.content = content;
    this.reason = reason;
  }

  /** In quarantine it lies as it was read. */
  toJSON(): readonly unknown[] {
    return this.content;
  }
}
