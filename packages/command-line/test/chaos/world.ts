import { stdout } from "node:process";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished } from "vitest";
import { differencesBetweenTargets, loadedCollections } from "../../src/testing/compare-databases.js";
import { finish, type RunOptions, startRun, type Target } from "../../src/testing/run-process.js";
import { sandboxSettings } from "../../src/testing/sandbox-settings.js";
import type { StartedProcess } from "../../src/testing/start-process.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";
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

/** A world for one test. */
export async function openWorld(): Promise<World> {
  const sandbox = await startSandbox({ quota: null });
  onTestFinished(() => sandbox.close());
  const upstreams = sandboxSettings(sandbox);
  const start = (target: Target, { env, ...options }: RunOptions = {}) =>
    startRun({ env: upstreams }, target, { ...options, env: { ...settings, ...env } });
  const undisturbed = { folder: temporaryFolder() };
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
