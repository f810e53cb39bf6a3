import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCodeOf } from "../errors/inspect-error.js";

/**
 * Creates a folder and its parents if they are missing. Unlike `mkdir` with `recursive`, it also ends in a file system that allows no
 * folders: Node 20 loops forever below `/proc`.
 *
 * @throws the error of the file system if the folder cannot be created
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
