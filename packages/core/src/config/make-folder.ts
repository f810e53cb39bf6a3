import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCodeOf } from "../errors/inspect-error.js";

/**
 * Makes a folder where it is missing, and those above it. Unlike `mkdir` with `recursive`, it ends in a file system that takes no folders:
 * in Node 20 that goes round for ever below `/proc`.
 *
 * @throws the error of the file system where there can be no such folder
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (errorCodeOf(error) !== "ENOENT") {
      throw error;
    }
    // Somebody else may have made it since.
    if (!(await isFolder(dirname(path)))) {
      await makeFolder(dirname(path));
    }
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (!(await isFolder(path))) {
      throw error;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
