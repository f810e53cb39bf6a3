import { type DevResult, type DevSettings, finishDev, startDev } from "./development/start-dev.js";

export type { DevResult, DevSettings };

/**
 * Runs `connector-dev` in the folder of a package, with these arguments and no settings but these.
 *
 * @param folder of the package
 * @returns what it wrote, and its exit status. It is stopped after 110 s
 */
export function runDev(
  folder: string,
  args: readonly string[] = [],
  settings: DevSettings = {},
): Promise<DevResult> {
  return finishDev(startDev(folder, args, settings));
}
