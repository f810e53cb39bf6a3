import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { createWriteStream } from "node:fs";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { errorCodeOf } from "@cti-connectors/core";
import { UsageError } from "../process/exit-status.js";
import { endSentence } from "../text/format.js";

/** A text that is on the disk and has not taken its place yet. */
export interface StagedFile {
  /** Puts it in its place, in one step. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Writes a file whole or not at all: the text goes to a temporary file in the same folder, which takes the place of the
 * other once everything is on the disk. A device or a pipe is written to as it is.
 *
 * @throws UsageError where there cannot be such a file
 * @throws what `text` throws, the signal's reason, or an error that names the file where the disk fails; the file is then as it was
 */
export async function writeWholeFile(
  path: string,
  text: AsyncIterable<string> | Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  const staged = await stageFile(path, text, signal);
  await staged.commit();
}

/** The first half of `writeWholeFile`, for several files that change together. Throws as it does, and leaves nothing then. */
export async function stageFile(
  path: string,
  text: AsyncIterable<string> | Iterable<string>,
  signal: AbortSignal,
): Promise<StagedFile> {
  const existing = await look(path);
  if (existing?.isDirectory()) {
    throw new UsageError(`${path} is a folder: name a file in it.`);
  }
  if (existing !== undefined && !existing.isFile()) {
    await pipeline(text, createWriteStream(path), { signal }).catch((error: unknown) => {
      throw nameFile(error, path);
    });
    return { commit: async () => undefined, discard: async () => undefined };
  }
  const target = existing === undefined ? path : await realpath(path);
  const temporary = join(dirname(target), `.${randomUUID()}.part`);
  const file = await open(temporary, "wx", existing?.mode ?? 0o666).catch((error: unknown) => {
    throw new UsageError(`${path} cannot be written: ${endSentence(explain(error, dirname(target)))}`, {
      cause: error,
    });
  });
  const discard = () => rm(temporary, { force: true });
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      await discard();
      throw nameFile(error, path);
    }
  };
  await attempt(() => pipeline(text, file.createWriteStream({ flush: true }), { signal }));
  return { commit: () => attempt(() => rename(temporary, target)), discard };
}

/** An error of the disk names no file. */
function nameFile(error: unknown, path: string): unknown {
  return error instanceof Error && ["ENOSPC", "EDQUOT", "EFBIG", "EIO"].includes(String(errorCodeOf(error)))
    ? new Error(`${path} cannot be written: ${error.message}`, { cause: error })
    : error;
}

async function look(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") {
      return undefined;
    }
    throw new UsageError(`${path} cannot be written: ${endSentence(explain(error, dirname(path)))}`, {
      cause: error,
    });
  }
}

function explain(error: unknown, folder: string): string {
  switch (errorCodeOf(error)) {
    case "ENOENT":
      return `there is no folder ${folder}`;
    case "ENOTDIR":
      return `${folder} is not a folder`;
    case "EACCES":
    case "EPERM":
      return `you may not write in ${folder}`;
    case "EROFS":
      return `${folder} is read-only`;
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
