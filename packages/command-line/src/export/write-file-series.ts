import { open, rm, stat } from "node:fs/promises";
import { join, parse } from "node:path";
import { type StagedFile, stageFile } from "../files/write-whole-file.js";
import { UsageError } from "../process/exit-status.js";

/** The files of a series by their paths. */
export interface FileSeries {
  readonly written: readonly string[];
  /** Those of an earlier, longer series that were removed. */
  readonly removed: readonly string[];
}

/**
 * Writes texts to numbered files: for `iocs.json` to `iocs-0001.json`, `iocs-0002.json` and so on. They change together, once all of
 * them are on the disk.
 *
 * What an earlier, longer series left behind is removed, so that nobody reads old parts beside the new ones: the files with
 * the next numbers, as long as they begin with the same line.
 *
 * @param texts each is read to its end before the next one; one at least
 * @throws as `writeWholeFile`, also where `path` itself is a folder; all files are then as they were, unless the disk fails while they take their places
 */
export async function writeFileSeries(
  path: string,
  texts: AsyncIterable<AsyncIterable<string>>,
  signal: AbortSignal,
): Promise<FileSeries> {
  if ((await stat(path).catch(() => undefined))?.isDirectory()) {
    throw new UsageError(`${path} is a folder: name a file in it.`);
  }
  const staged: StagedFile[] = [];
  const written: string[] = [];
  try {
    for await (const text of texts) {
      const file = nameFile(path, written.length + 1);
      staged.push(await stageFile(file, text, signal));
      written.push(file);
    }
    for (const { commit } of staged) {
      await commit();
    }
  } catch (error) {
    await Promise.all(staged.map(({ discard }) => discard()));
    throw error;
  }
  return { written, removed: await removeLeftovers(path, written) };
}

function nameFile(path: string, number: number): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}-${String(number).padStart(4, "0")}${ext}`);
}

async function removeLeftovers(path: string, written: readonly string[]): Promise<readonly string[]> {
  const removed: string[] = [];
  const firstLine = await readFirstLine(written[0] ?? path);
  for (let number = written.length + 1; firstLine !== undefined; number += 1) {
    const file = nameFile(path, number);
    if ((await readFirstLine(file)) !== firstLine) {
      break;
    }
    await rm(file);
    removed.push(file);
  }
  return removed;
}

const longestLine = 200;

/** Undefined where there is no such file. */
async function readFirstLine(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) {
    return undefined;
  }
  try {
    if (!(await file.stat()).isFile()) {
      return undefined;
    }
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(longestLine) });
    return buffer.toString("utf8", 0, bytesRead).split("\n", 1)[0];
  } finally {
    await file.close();
  }
}
