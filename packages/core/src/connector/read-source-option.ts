import type { z } from "zod";
import { fileOrUrlSetting, isUrl } from "../config/file-or-url-setting.js";
import { type OptionContext, OptionError } from "./connector.js";

/**
 * Reads a file or URL that the user passed as the value of an option.
 *
 * @param setting what it must be. Default: a file that is there, or any URL
 * @returns the absolute path, or the URL
 * @throws OptionError where there is nothing to be loaded
 */
export function readSourceOption(
  value: string,
  { resolvePath }: OptionContext,
  setting: z.ZodType<string> = fileOrUrlSetting(),
): string {
  const text = value.trim();
  if (text === "") {
    throw new OptionError("has an empty value: give a file or a URL");
  }
  const source = isUrl(text) ? text : resolvePath(text);
  const [fault] = setting.safeParse(source).error?.issues ?? [];
  if (fault !== undefined) {
    // A URL is not shown: it may hold a key.
    throw new OptionError(isUrl(text) ? fault.message : `${fault.message}: ${source}`);
  }
  return source;
}
