import { parseText } from "./read-field.js";

/** What stands in an export in the place of a record, and why it cannot be read as one. */
export class UnreadableEntry {
  readonly content: readonly unknown[];
  /** The rest of a sentence. */
  readonly reason: string;

  constructor(content: readonly unknown[], reason: string) {
    this.content = content;
    this.reason = reason;
  }

  /** The quarantine keeps it as it was read. */
  toJSON(): readonly unknown[] {
    return this.content;
  }
}

/** Whether a record of an export names an IOC, as exports do or as the API does. */
export function holdsIoc(record: unknown): boolean {
  return (
    typeof record === "object" &&
    record !== null &&
    (("ioc_value" in record && parseText(record.ioc_value) !== null) ||
      ("ioc" in record && parseText(record.ioc) !== null))
  );
}
