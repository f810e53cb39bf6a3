import { readFileSync, statSync } from "node:fs";

/**
 * Reads a file, or a pipe to its end.
 *
 * @throws what the file system throws
 */
export function readFileOrPipe(path: string): Buffer {
  try {
    return readFileSync(path);
  } finally {
    // Node 20 to 24 resolve the links in the path of a module only where the last thing that was looked at is no pipe: in
    // `realpathSync`, the module loader reads the numbers that `fs.statSync` and `fs.readFileSync` have left behind.
    statSync("/");
  }
}
