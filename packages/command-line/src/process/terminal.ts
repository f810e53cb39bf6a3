/** Where a command writes. Callers redact secrets first. */
export interface Terminal {
  /** What was asked for, a report or a URI: standard output. */
  print(text: string): void;
  /** Everything else, such as hints and errors: standard error. */
  say(text: string): void;
}
