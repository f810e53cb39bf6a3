import { vi } from "vitest";
import { develop } from "../development/develop.js";
import type { DevResult, DevSettings } from "../development/start-dev.js";
import { connectorSource, type Files, samplePackage } from "./sample-package.js";

/** Node resolves here without the condition that `connector-dev` sets. */
const manifest = JSON.stringify({ name: "things", type: "module", exports: "./src/index.ts" });

/**
 * What `connector-dev` does in the folder of a package, in this process, one call at a time: sooner than in one of its own, whose start and
 * end others test.
 */
export async function devHere(
  files: Files = { "src/index.ts": connectorSource() },
  args: readonly string[] = [],
  settings: DevSettings = {},
): Promise<DevResult> {
  const folder = samplePackage({ "package.json": manifest, ...files });
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  try {
    const exitCode = await develop(args, { folder, environment: { NO_COLOR: "1", ...settings } });
    return { ...written, exitCode };
  } finally {
    for (const spy of spies) {
      spy.mockRestore();
    }
  }
}
