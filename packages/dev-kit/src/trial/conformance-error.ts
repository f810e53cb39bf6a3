/** A connector breaks a rule. The message says what happened, to what, and what to do about it. */
export class ConformanceError extends Error {
  override readonly name = "ConformanceError";
}

/** @throws ConformanceError with this message where the condition does not hold */
export function ensure(condition: boolean, message: string | (() => string)): void {
  if (!condition) {
    throw new ConformanceError(typeof message === "string" ? message : message());
  }
}

/** `a, b and 3 more`. */
export function listSome(names: readonly string[], most = 3): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(", ")} and ${more} more` : names.join(", ");
}
