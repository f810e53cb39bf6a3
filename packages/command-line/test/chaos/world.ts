import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stdout } from "node:process";
import { type Sandbox, startSandbox } from "@cti-connectors/sandbox";
import { afterAll, beforeAll, expect } from "vitest";
import { differencesBetweenTargets, loadedCollections } from "../../src/testing/compare-databases.js";
import { finish, type RunOptions, startRun, type Target } from "../../src/testing/run-process.js";
import { sandboxSettings } from "../../src/testing/sandbox-settings.js";
import type { StartedProcess } from "../../src/testing/start-process.js";
import { isFull } from "./plan.js";

/** Upstreams that stay as they are, and what a run leaves that nobody disturbs. */
export interface World {
  /** How many lines that run has logged. */
  readonly lines: number;
  /** Starts a run that logs everything. */
  start(target: Target, options?: RunOptions): StartedProcess;
  /** One more run ends well, and leaves the database as the undisturbed run has left its own. */
  expectRepair(target: Target, trial: string): Promise<void>;
}

const settings = { MITRE_REQUEST_BUDGET: "off", MITRE_PAGE_SIZE: "12", LOG_LEVEL: "debug" };
const compared = [...loadedCollections, "threatfox_malware", "threatfox_types", "etl_rejected"];

/** The world of all tests of a file: the first one opens it. */
export function shareWorld(): () => Promise<World> {
  let world: Promise<World> | undefined;
  const folder = mkdtempSync(join(tmpdir(), "chaos-"));
  let sandbox: Sandbox | undefined;
  beforeAll(async () => {
    sandbox = await startSandbox({ quota: null });
  });
  afterAll(async () => {
    await sandbox?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (sandbox === undefined) {
      throw new TypeError("the world is only there while a test runs");
    }
    world ??= openWorld(sandbox, { folder });
    return world;
  };
}

async function openWorld(sandbox: Sandbox, undisturbed: Target): Promise<World> {
  const upstreams = sandboxSettings(sandbox);
  const start = (target: Target, { env, ...options }: RunOptions = {}) =>
    startRun({ env: upstreams }, target, { ...options, env: { ...settings, ...env } });
  const { stderr } = await finish(start(undisturbed));
  return {
    lines: stderr.split("\n").length,
    start,
    async expectRepair(target, trial) {
      await finish(start(target));
      expect(await differencesBetweenTargets(undisturbed, target, compared), trial).toEqual([]);
      report(`${trial}: equal after one more run`);
    },
  };
}

function report(line: string): void {
  if (isFull) {
    stdout.write(`${line}\n`);
  }
}
