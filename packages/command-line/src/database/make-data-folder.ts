import { ConfigError, makeFolder } from "@cti-connectors/core";
import { z } from "zod";

const notAFolder = z.object({ code: z.enum(["EEXIST", "ENOENT", "ENOTDIR", "EACCES", "EPERM", "EROFS"]) });
const reasons = {
  EEXIST: "is no folder",
  ENOENT: "cannot be made: its file system takes no folders",
  ENOTDIR: "lies below what is no folder",
  EACCES: "cannot be made: permission denied",
  EPERM: "cannot be made: not permitted",
  EROFS: "cannot be made: the file system is read-only",
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
    const { data } = notAFolder.safeParse(error);
    if (data === undefined) {
      throw error;
    }
    const message = `must be a folder, or where one can be made (${path} ${reasons[data.code]})`;
    throw new ConfigError([{ variable: "DATA_DIR", message }]);
  }
}
