import { errorCodeOf, makeFolder } from "@cti-connectors/core";
import { ConfigError } from "@cti-connectors/core/host";
import type { DatabaseInUseError, EmbeddedMongo } from "@cti-connectors/embedded-mongo";

/**
 * Starts the embedded database in a folder, which is made where it is missing. Its code is loaded here and not at the start
 * of the program: not every command needs it.
 *
 * @param options.port default: any free one
 * @param options.purpose what it is open for; another process that is refused meanwhile reports it
 * @throws ConfigError where no folder can be there, or it cannot be written
 * @throws DatabaseInUseError where another process has the database open
 * @throws Error where the port is taken, or the disk is full
 */
export async function startEmbeddedDatabase(
  folder: string,
  options: { readonly port?: number; readonly purpose?: string } = {},
): Promise<EmbeddedMongo> {
  await makeDataFolder(folder);
  const { startEmbeddedMongo } = await import("@cti-connectors/embedded-mongo");
  try {
    return await startEmbeddedMongo({ ...options, path: folder });
  } catch (error) {
    throw explainFolderFault(error, folder);
  }
}

/** What the system and LMDB say of a folder and the files in it, with the setting and what to do; any other error as it is. */
function explainFolderFault(error: unknown, folder: string): unknown {
  const said = error instanceof Error ? error.message : "";
  if (/permission denied|not permitted|read-only file system/i.test(said)) {
    const message = `must be a folder that you may write, with all files in it (${folder}: ${said})`;
    return new ConfigError([{ variable: "DATA_DIR", message }]);
  }
  if (/no space left|quota exceeded|input\/output error/i.test(said)) {
    return new Error(
      `The disk of the embedded database in ${folder} (DATA_DIR) is full (${said}): free some space, or set DATA_DIR to a folder on another disk.`,
      { cause: error },
    );
  }
  return error;
}

/** Why there can be no folder, by the code of the error. */
const reasons: Readonly<Record<string, string>> = {
  EEXIST: "is not a folder",
  ENOENT: "cannot be created: its file system does not support folders",
  ENOTDIR: "is below something that is not a folder",
  EACCES: "cannot be created: permission denied",
  EPERM: "cannot be created: not permitted",
  EROFS: "cannot be created: the file system is read-only",
};

/**
 * Makes the folder of the embedded database where it is missing.
 *
 * @throws ConfigError that names DATA_DIR where no folder can be there
 */
export async function makeDataFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
  } catch (error) {
    const reason = reasons[errorCodeOf(error) ?? ""];
    if (reason === undefined) {
      throw error;
    }
    const message = `must be a writable folder (${path} ${reason})`;
    throw new ConfigError([{ variable: "DATA_DIR", message }]);
  }
}

/** The name decides: the class is loaded with the database, which not every command needs. */
export function isDatabaseInUse(error: unknown): error is DatabaseInUseError {
  return error instanceof Error && error.name === "DatabaseInUseError";
}
