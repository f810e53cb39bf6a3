import { accessSync, constants, statSync } from "node:fs";
import { z } from "zod";
import { listSetting } from "./plain-settings.js";
import { explainUnreadable } from "./unreadable-file.js";
import { urlSetting } from "./url-setting.js";

const webSchemes: ReadonlySet<string> = new Set(["http", "https"]);

/**
 * A setting that holds the path of an existing file, or a URL. A relative path is relative to the current folder, or to the folder that
 * the program sets.
 *
 * @param url what a URL must be. Default: any that starts with `http://` or `https://`, without user name and password
 */
export function fileOrUrlSetting(url: z.ZodType<string> = urlSetting()) {
  const error = "must be a file, or a URL that starts with http:// or https://";
  return z
    .string({ error })
    .superRefine((source, context) => {
      for (const message of faultsOf(source)) {
        context.addIssue({ code: "custom", message });
      }
    })
    .meta({ path: "or-url" });

  function faultsOf(source: string): readonly string[] {
    const scheme = schemeOf(source);
    if (scheme === undefined) {
      return explainFile(source);
    }
    return webSchemes.has(scheme)
      ? (url.safeParse(source).error?.issues ?? []).map(({ message }) => message)
      : [error];
  }
}

/** A setting that holds one or more of what `fileOrUrlSetting` holds, separated by commas. */
export function fileOrUrlListSetting() {
  const one = fileOrUrlSetting();
  return listSetting()
    .superRefine((sources, context) => {
      for (const source of sources) {
        for (const { message } of one.safeParse(source).error?.issues ?? []) {
          context.addIssue({ code: "custom", message: isUrl(source) ? message : `${message}: ${source}` });
        }
      }
    })
    .meta({ path: "or-url-list", quoted: false });
}

/** Whether a text is a URL of any scheme, not a path: `https://…`, `ftp://…`, but not `C:\…`. */
export function isUrl(text: string): boolean {
  return schemeOf(text) !== undefined;
}

function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):\/\//iu.exec(text)?.[1]?.toLowerCase();
}

function explainFile(path: string): readonly string[] {
  try {
    accessSync(path, constants.R_OK);
    // The numbers are left where no other code of Node looks, see `readFileOrPipe`.
    const found = statSync(path, { bigint: true });
    if (found.isDirectory()) {
      return ["names a folder: a file was expected"];
    }
    return found.isFile()
      ? []
      : ["names a pipe or a device: a file was expected. Save what comes from the pipe in a file first"];
  } catch (error) {
    return [explainUnreadable(error)];
  }
}
