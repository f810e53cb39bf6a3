/** An error as it is logged. */
export interface SerializedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: SerializedError;
}

const deepestCause = 5;

/** Turns an error and its causes into plain data; other fields of an error are left out, they may hold anything. */
export function serializeError(
  error: Error,
  { stack }: { readonly stack: boolean },
  depth = 0,
): SerializedError {
  const code = "code" in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    ...((typeof code === "string" || typeof code === "number") && { code }),
    ...(stack && error.stack !== undefined && { stack: error.stack }),
    ...(error.cause instanceof Error &&
      depth < deepestCause && { cause: serializeError(error.cause, { stack }, depth + 1) }),
  };
}
