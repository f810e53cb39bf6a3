import { readFileSync } from "node:fs";
import { z } from "zod";

const manifest = z.object({
  version: z.string(),
  engines: z.object({ node: z.string().regex(/^>=\d+\.\d+$/) }),
});

function readManifest() {
  return manifest.parse(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")));
}

/** The version of this package. */
export function readProgramVersion(): string {
  return readManifest().version;
}

/** The oldest Node that this package runs on, such as `20.19`. */
export function readOldestNode(): string {
  return readManifest().engines.node.slice(2);
}
