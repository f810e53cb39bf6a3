import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import type { NavigatorLayer } from "../layers/navigator-layer.js";

const run = promisify(execFile);
const script = fileURLToPath(new URL("load-layers.py", import.meta.url));
const technique = z.looseObject({ techniqueID: z.string(), score: z.number().optional() });
const answer = z.array(
  // It leaves out a list without techniques.
  z.object({ said: z.string(), layer: z.object({ techniques: z.array(technique).default([]) }).nullable() }),
);

/** A Python that has `mitreattack-python`; .ci/install-mitreattack-python.sh installs it. */
export const mitrePython = process.env.MITREATTACK_PYTHON || undefined;

/** What MITRE's library says of layers, and what it makes of them. */
export async function loadLayers(python: string, layers: readonly NavigatorLayer[]) {
  const folder = await mkdtemp(join(tmpdir(), "layers-"));
  try {
    const files = layers.map((_, index) => join(folder, `${index}.json`));
    for (const [index, file] of files.entries()) {
      await writeFile(file, JSON.stringify(layers[index]));
    }
    const { stdout } = await run(python, [script, ...files], { maxBuffer: 1e8 });
    return answer.parse(JSON.parse(stdout));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
