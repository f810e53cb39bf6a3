import { errorCodeOf } from "../errors/inspect-error.js";

/** A file holds something else than was expected. The message continues a sentence about the file: `it is not JSON: …`. */
export class FileContentError extends Error {
  override readonly name = "FileContentError";
}

/**
 * What is wrong with the content of a file, after reading it failed: a `FileContentError`, or an error of `node:zlib`. undefined: something
 * else failed, such as the file system.
 */
export function explainFileContent(error: unknown): string | undefined {
  if (error instanceof FileContentError) {
    return error.message;
  }
  const code = String(errorCodeOf(error) ?? "");
  if (code === "Z_BUF_ERROR") {
    return "it ends too early: it was cut off";
  }
  return code.startsWith("Z_") ? `its compressed data is damaged (${code})` : undefined;
}
