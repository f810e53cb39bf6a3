import { lstat, readFile, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { z } from "zod";
import { writeWholeFile } from "../files/write-whole-file.js";
import { UsageError } from "../process/exit-status.js";
import type { HealthReport } from "./health-report.js";

/** How often a health file is written while nothing happens, so that its age tells whether the schedule is alive. */
const heartbeatMs = 30_000;

/** If the report in a health file is older, the process that wrote it has ended or hangs. */
export const silentAfterMs = 4 * heartbeatMs;

export interface HealthFile {
  /** Writes it now. */
  update(): Promise<void>;
  /** Removes it: a schedule that has ended is not healthy. */
  close(): Promise<void>;
}

/**
 * Keeps a file with the health of a schedule. Readers find the old or the new text, never half of one.
 *
 * @param options `read`: what to write. `onFailure`: called where it cannot be written later on
 * @throws UsageError where there cannot be such a file
 */
export async function keepHealthFile(
  path: string,
  { read, onFailure }: { readonly read: () => HealthReport; readonly onFailure: (error: unknown) => void },
): Promise<HealthFile> {
  await refuseOtherFile(path);
  let writing = write();
  await writing;
  const timer = setInterval(() => void update(), heartbeatMs);
  timer.unref();

  function write(): Promise<void> {
    const text = `${JSON.stringify(read())}\n`;
    return writeWholeFile(path, Readable.from([text]), new AbortController().signal);
  }

  /** One after the other, so that the newest stays. */
  function update(): Promise<void> {
    writing = writing.then(write).catch(onFailure);
    return writing;
  }

  return {
    update,
    async close() {
      clearInterval(timer);
      await writing;
      if ((await contentOf(path)) === "health") {
        await rm(path, { force: true });
      }
    },
  };
}

/** It would be replaced now and removed at the end. */
async function refuseOtherFile(path: string): Promise<void> {
  if ((await contentOf(path)) === "other") {
    throw new UsageError(
      `${path} is not the health file of a schedule, and would be overwritten: choose another file for --health-file.`,
    );
  }
}

/** What tells a health file of any version. */
const anyHealth = z.object({ status: z.string(), schedule: z.object({}), connectors: z.array(z.unknown()) });

/** `none`: there is no regular file; a device, such as /dev/stdout, belongs to others. */
async function contentOf(path: string): Promise<"none" | "empty" | "health" | "other"> {
  if ((await lstat(path).catch(() => undefined))?.isFile() !== true) {
    return "none";
  }
  const text = await readFile(path, "utf8").catch(() => "unreadable");
  if (text === "") {
    return "empty";
  }
  try {
    return anyHealth.safeParse(JSON.parse(text)).success ? "health" : "other";
  } catch {
    return "other";
  }
}
