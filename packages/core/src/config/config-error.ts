/** One setting that cannot be used. */
export interface ConfigFault {
  /** The environment variable. */
  readonly variable: string;
  /** What was given and what was expected, without secrets. */
  readonly message: string;
}

/** Settings that cannot be used. The message has one line per fault. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly faults: readonly ConfigFault[]) {
    super(faults.map(({ variable, message }) => `${variable} ${message}`).join("\n"));
  }
}
