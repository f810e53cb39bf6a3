import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorCodeOf } from "../errors/inspect-error.js";

/** No certificate, key or list of either is as long. */
const longestFile = 10_000_000;

const causes: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  EISDIR: "it is a folder",
};

/**
 * A setting that holds the path of a file and gives its text. Read once, when the settings are. A relative path counts from the current
 * folder, or from where the runner says.
 */
export function textFileSetting() {
  return z
    .string({ error: "must be the path of a file" })
    .meta({ path: true })
    .transform((path, context) => {
      try {
        const bytes = readFileSync(path);
        if (bytes.length <= longestFile) {
          return bytes.toString("utf8");
        }
        context.addIssue({ code: "custom", message: `names a file of more than ${longestFile} bytes` });
      } catch (error) {
        const code = errorCodeOf(error) ?? "unknown error";
        const cause = causes[code];
        context.addIssue({
          code: "custom",
          message: `names a file that cannot be read: ${cause === undefined ? code : `${cause} (${code})`}`,
        });
      }
      return z.NEVER;
    });
}
