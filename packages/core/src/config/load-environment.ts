import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { errorCodeOf } from "../errors/inspect-error.js";
import type { Environment } from "./parse-config.js";
import { type EnvironmentFileText, parseEnvironmentFile } from "./parse-environment-file.js";

interface EnvironmentSources {
  /** Where the command was typed. */
  readonly workingFolder: string;
  /** Where the program keeps its settings. Absent: only the working folder is looked at. */
  readonly configFolder?: string | undefined;
  /** Default `process.env`. */
  readonly processEnvironment?: Environment;
}

/** A `.env` file that was read. */
export interface EnvironmentFile extends EnvironmentFileText {
  readonly path: string;
  /** Whether its group or everybody may read or write it. Never on Windows, whose files have no such mode. */
  readonly isOpenToOthers: boolean;
}

interface LoadedEnvironment {
  readonly environment: Environment;
  /** What an earlier one sets wins. */
  readonly files: readonly EnvironmentFile[];
}

/**
 * Reads `.env` in the folder where the command was typed and in the one where the program keeps its settings. The environment of the process wins
 * over the former, that over the latter. Nothing is written to `process.env`.
 *
 * @throws Error that names the file where one is there but cannot be read
 */
export async function loadEnvironment({
  workingFolder,
  configFolder = workingFolder,
  processEnvironment = process.env,
}: EnvironmentSources): Promise<LoadedEnvironment> {
  const folders = new Set([resolve(workingFolder), resolve(configFolder)]);
  const read = await Promise.all([...folders].map((folder) => readEnvironmentFile(join(folder, ".env"))));
  const found = read.filter((file) => file !== undefined);
  return {
    environment: Object.fromEntries(
      [...found.map(({ values }) => values).reverse(), processEnvironment].flatMap((values) =>
        Object.entries(values),
      ),
    ),
    files: found,
  };
}

async function readEnvironmentFile(path: string): Promise<EnvironmentFile | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) {
    return undefined;
  }
  if (text.includes("\0") || text.includes("\uFFFD")) {
    throw new Error(`${path} is not UTF-8 text: save it as UTF-8`);
  }
  const isOpenToOthers = process.platform !== "win32" && ((await stat(path)).mode & 0o077) !== 0;
  return { path, isOpenToOthers, ...parseEnvironmentFile(text.replace(/^\uFEFF/, "")) };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") {
      return undefined;
    }
    throw new Error(
      `${path} cannot be read (${String(code)}): check that it is a file and that you may read it`,
      {
        cause: error,
      },
    );
  }
}
