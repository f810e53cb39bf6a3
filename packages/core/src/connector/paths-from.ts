import { resolve } from "node:path";
import { expandPath } from "../config/expand-path.js";
import { ConfigError } from "../config/parse-config.js";
import { type OptionContext, OptionError } from "./connector.js";

/** Paths in options count from this folder. */
export function pathsFrom(folder: string): OptionContext {
  return {
    resolvePath(path) {
      try {
        return resolve(folder, expandPath("the path", path));
      } catch (error) {
        throw error instanceof ConfigError
          ? new OptionError(error.faults.map(({ message }) => message).join(". "), { cause: error })
          : error;
      }
    },
  };
}
