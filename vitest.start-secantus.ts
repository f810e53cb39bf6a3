import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { cwd, env, kill } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const script = fileURLToPath(new URL(".ci/start-secantus.sh", import.meta.url));

/**
 * Starts a SecantusDB for the tests of this package, where TEST_SECANTUS has the folder in which it is installed, and sets TEST_MONGO_URI.
 * Packages share none: while one drops a database, SecantusDB holds up whatever else opens, lists or drops something.
 */
export default async function startSecantus(): Promise<(() => Promise<void>) | undefined> {
  const { TEST_SECANTUS: folder, TEST_MONGO_URI: given } = env;
  if (!folder || given) {
    return undefined;
  }
  const name = basename(cwd());
  const { stdout } = await promisify(execFile)("bash", [script, folder, name]);
  env.TEST_MONGO_URI = stdout.trim();
  const pidFile = join(folder, name, "pid");
  return async () => {
    kill(Number(await readFile(pidFile, "utf8")));
    // .ci/run ends what these files name. The system may give the number to another program.
    await rm(pidFile);
  };
}
