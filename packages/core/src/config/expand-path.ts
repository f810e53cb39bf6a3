import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { z } from "zod";
import { describeConfig } from "./describe-config.js";
import { isUrl } from "./file-or-url-setting.js";
import { ConfigError, type Environment } from "./parse-config.js";

/**
 * A path as it was meant where no shell has read it: `~` is the home folder.
 *
 * @param variable the setting or option that it was given to
 * @throws ConfigError where it means nothing on this machine: `~name`, or a Windows path elsewhere
 */
export function expandPath(
  variable: string,
  path: string,
  platform: NodeJS.Platform = process.platform,
): string {
  if (/^~(?:$|[\\/])/.test(path)) {
    return join(homedir(), path.slice(1));
  }
  if (path.startsWith("~")) {
    const message = `must be a full path: ~name works only in a shell (given: ${path}; for a file of that name, write ./${path})`;
    throw new ConfigError([{ variable, message }]);
  }
  if (platform !== "win32" && /^(?:[a-z]:[\\/]|\\\\)/i.test(path)) {
    const message = `must be a path on this system, such as /var/lib/cti: ${path} is a Windows path`;
    throw new ConfigError([{ variable, message }]);
  }
  return path;
}

/**
 * The settings that name a file or folder, as absolute paths.
 *
 * @param schemas those that the settings belong to
 * @param folderOf where a relative path in this variable starts
 * @throws ConfigError that names a variable whose path means nothing on this machine
 */
export function resolvePathSettings(
  schemas: readonly z.ZodObject[],
  environment: Environment,
  folderOf: (variable: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    schemas.flatMap(describeConfig).flatMap(({ name, path }) => {
      const value = environment[name]?.trim();
      if (path === false || !value || (path === "or-url" && isUrl(value))) {
        return [];
      }
      const resolvePath = (text: string) =>
        path !== true && isUrl(text) ? text : resolve(folderOf(name), expandPath(name, text));
      const items = path === "or-url-list" ? value.split(",").flatMap((item) => item.trim() || []) : [value];
      return [[name, items.map(resolvePath).join(",")]];
    }),
  );
}
