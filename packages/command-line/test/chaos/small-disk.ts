import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

/** A folder on a disk of its own. */
export interface Disk {
  readonly folder: string;
  /** Leaves so many bytes free. */
  fill(freeBytes: number): void;
  /** Takes back what filled it. */
  empty(): void;
}

const megabytes = 64;

/** Mounts a disk for one test, where this process may. */
export function mountSmallDisk(): Disk | undefined {
  const folder = temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  onTestFinished(() => {
    execFileSync("umount", ["--lazy", folder]);
  });
  const filler = join(folder, "filler");
  return {
    folder,
    fill(freeBytes) {
      const { bavail, bsize } = statfsSync(folder);
      const descriptor = openSync(filler, "w");
      writeSync(descriptor, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes), 1));
      closeSync(descriptor);
    },
    empty: () => rmSync(filler),
  };
}
