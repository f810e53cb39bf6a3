import { z } from "zod";
import { readFileOrPipe } from "./read-file-or-pipe.js";
import { explainUnreadable } from "./unreadable-file.js";

/** No certificate, key or list of either is as long. */
const longestFile = 10_000_000;

/**
 * A setting that holds the path of a file and gives its text. Read once, together with the settings. A relative path is relative to the current
 * folder, or to the folder that the program sets.
 */
export function textFileSetting() {
  return z
    .string({ error: "must be the path of a file" })
    .meta({ path: true })
    .transform((path, context) => {
      try {
        const bytes = readFileOrPipe(path);
        if (bytes.length <= longestFile) {
          return bytes.toString("utf8");
        }
        context.addIssue({ code: "custom", message: `names a file of more than ${longestFile} bytes` });
      } catch (error) {
        context.addIssue({ code: "custom", message: explainUnreadable(error) });
      }
      return z.NEVER;
    });
}
