/** What Node, the driver or a server calls an error, such as `ENOENT` or 11000. */
export function errorCodeOf(error: unknown): string | number | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" || typeof code === "number" ? code : undefined;
}

const programmingErrors: ReadonlySet<string> = new Set([
  "TypeError",
  "ReferenceError",
  "RangeError",
  "SyntaxError",
]);

/** Whether JavaScript itself threw it: a bug of ours, whose message means nothing to users. */
export function isProgrammingError({ name }: Error): boolean {
  return programmingErrors.has(name);
}
