import { errorCodeOf } from "../errors/inspect-error.js";

const causes: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "you do not have permission to read it",
  EPERM: "you do not have permission to read it",
  EISDIR: "it is a folder",
};

/** What is wrong with a setting that names a file, as the rest of a sentence about the setting. */
export function explainUnreadable(error: unknown): string {
  const code = errorCodeOf(error) ?? "unknown error";
  const cause = causes[code];
  return `names a file that cannot be read: ${cause === undefined ? code : `${cause} (${code})`}`;
}
