import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { startFaultyMongo } from "@cti-connectors/sandbox";
import { expect } from "vitest";
import { between, createRandom, type Random } from "../../src/testing/random-numbers.js";
import type { RunOptions, Target } from "../../src/testing/run-process.js";
import { signalAt, withClockAhead } from "../../src/testing/start-process.js";
import { isTimeFor, plan, seed } from "./plan.js";
import type { Disk } from "./small-disk.js";
import type { World } from "./world.js";

/** Makes a database that nothing was loaded into yet. */
export type NewTarget = () => Target;

/** Kills of at most so many runs in a row, before one may end. */
const killsInRow = 3;

/** `kill -9` at random lines of the log, and at random times. */
export async function killRuns(world: World, newTarget: NewTarget): Promise<void> {
  const random = createRandom(seed, "kills");
  for (let kills = 0; kills < plan.kills && isTimeFor(`kill ${kills + 1} of ${plan.kills}`); ) {
    const target = newTarget();
    const moments: string[] = [];
    for (
      const row = Math.min(plan.kills - kills, between(random, 1, killsInRow + 1));
      moments.length < row;
    ) {
      moments.push(await killOnce(world, target, random));
    }
    kills += moments.length;
    await world.expectRepair(target, `kill ${kills} of ${plan.kills}, ${moments.join(", then ")}`);
  }
}

/** Returns when it was. */
async function killOnce(world: World, target: Target, random: Random): Promise<string> {
  if (random() < 0.5) {
    const line = between(random, 1, world.lines - 10);
    const { signal, stderr } = await world.start(target, { env: signalAt("SIGKILL", lineOf(line)) });
    // A run after others that were killed has less to log, and may end before that line.
    expect(signal ?? "it ended", stderr).toMatch(/^(SIGKILL|it ended)$/);
    return `at line ${line}`;
  }
  const afterMs = between(random, 300, 1_500);
  const run = world.start(target);
  await sleep(afterMs);
  run.kill("SIGKILL");
  await run;
  return `after ${afterMs} ms`;
}

/** Ctrl-C, a service manager and a closed terminal, at random lines of the log. */
export async function signalRuns(world: World, newTarget: NewTarget): Promise<void> {
  const random = createRandom(seed, "signals");
  for (let count = 1; count <= plan.signals && isTimeFor(`signal ${count} of ${plan.signals}`); count += 1) {
    const target = newTarget();
    const signal = (["SIGINT", "SIGTERM", "SIGHUP"] as const)[count % 3] ?? "SIGINT";
    const line = between(random, 1, world.lines - 10);
    const {
      exitCode,
      signal: killedBy,
      stderr,
    } = await world.start(target, { env: signalAt(signal, lineOf(line)) });
    const moment = `${signal} ${count} of ${plan.signals}, at line ${line}`;
    // Before the run watches for signals, one ends the process as it ends any other.
    expect(killedBy ?? exitCode, `${moment}\n${stderr}`).toBeOneOf([130, signal]);
    await world.expectRepair(target, moment);
  }
}

/** Two runs at once into one database; now and then one of them is killed. */
export async function raceRuns(world: World, newTarget: NewTarget): Promise<void> {
  const random = createRandom(seed, "races");
  for (let race = 1; race <= plan.races && isTimeFor(`race ${race} of ${plan.races}`); race += 1) {
    const apartMs = between(random, 0, 800);
    const killAfterMs = race % 2 === 0 ? between(random, 100, 900) : undefined;
    await raceOnce(world, newTarget(), { name: `race ${race} of ${plan.races}`, apartMs, killAfterMs });
  }
}

/** As in a container of its own: process 1, and no process outside can be seen. It ends with `unshare`. */
const ownPidNamespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];

/** Whether this machine lets us make PID namespaces. */
export const canUnshare = spawnSync("unshare", [...ownPidNamespace.slice(1), "true"]).status === 0;

/** Two runs at once, each of which sees itself as process 1; now and then one of them is killed. */
export async function raceNamespaces(world: World, newTarget: NewTarget): Promise<void> {
  const random = createRandom(seed, "namespaces");
  for (
    let race = 1;
    race <= plan.namespaces && isTimeFor(`race between PID namespaces ${race} of ${plan.namespaces}`);
    race += 1
  ) {
    const apartMs = between(random, 200, 800);
    const killAfterMs = race % 2 === 0 ? between(random, 100, 900) : undefined;
    const name = `race ${race} of ${plan.namespaces} between PID namespaces`;
    const both = { process: { wrapper: ownPidNamespace } };
    await raceOnce(world, newTarget(), { name, apartMs, killAfterMs, first: both, second: both });
  }
}

/** Two runs at once; the clock of the later one is 90 s ahead, or 90 s behind. */
export async function raceClocks(world: World, newTarget: NewTarget): Promise<void> {
  const random = createRandom(seed, "clocks");
  for (
    let race = 1;
    race <= plan.clocks && isTimeFor(`race of clocks ${race} of ${plan.clocks}`);
    race += 1
  ) {
    const aheadMs = race % 2 === 0 ? -90_000 : 90_000;
    const name = `race ${race} of ${plan.clocks}, clock ${aheadMs / 1000} s ahead`;
    const apartMs = between(random, 200, 800);
    await raceOnce(world, newTarget(), { name, apartMs, second: { env: withClockAhead(aheadMs) } });
  }
}

interface Race {
  readonly name: string;
  /** From the start of the first to that of the second. */
  readonly apartMs: number;
  /** From the start of the second to the end of the first; absent: nobody is killed. */
  readonly killAfterMs?: number | undefined;
  readonly first?: RunOptions;
  readonly second?: RunOptions;
}

async function raceOnce(
  world: World,
  target: Target,
  { name, apartMs, killAfterMs, first, second }: Race,
): Promise<void> {
  const one = world.start(target, first);
  await sleep(apartMs);
  const other = world.start(target, second);
  if (killAfterMs !== undefined) {
    await sleep(killAfterMs);
    one.kill("SIGKILL");
  }
  const [ofOne, ofOther] = await Promise.all([one, other]);
  const trial = `${name}, ${apartMs} ms apart${killAfterMs === undefined ? "" : ", the first is killed"}`;
  expect(ofOther.exitCode, `${trial}\n${ofOther.stderr}`).toBe(0);
  if (killAfterMs === undefined) {
    expect(ofOne.exitCode, `${trial}\n${ofOne.stderr}`).toBe(0);
  }
  await world.expectRepair(target, trial);
}

const commands = ["insert", "update", "find", "findAndModify", "aggregate", "delete", "createIndexes"];

/** One message between a run and its MongoDB server is lost, and the connection stays open. */
export async function loseMessages(
  world: World,
  newTarget: () => Target & { readonly mongoUri: string },
): Promise<void> {
  const random = createRandom(seed, "lost messages");
  for (let count = 1; count <= plan.lost && isTimeFor(`lost message ${count} of ${plan.lost}`); count += 1) {
    const target = newTarget();
    const mode = count % 2 === 0 ? "swallowReply" : "swallow";
    const after = between(random, 0, 100);
    const proxy = await startFaultyMongo(
      target.mongoUri,
      [{ command: commands, mode, after }],
      "socketTimeoutMS=1500",
    );
    const { exitCode, stderr } = await world.start({ ...target, mongoUri: proxy.uri });
    const trial = `${mode === "swallow" ? "command" : "answer"} ${after} is lost, ${count} of ${plan.lost}`;
    expect({ exitCode, lost: proxy.hits() }, `${trial}\n${stderr}`).toEqual({ exitCode: 0, lost: 1 });
    await proxy.close();
    await world.expectRepair(target, trial);
  }
}

/** The disk of the embedded database is full before a run has ended, and has room again for the next. */
export async function fillDisks(world: World, newDisk: () => Disk | undefined): Promise<void> {
  const random = createRandom(seed, "full disks");
  for (
    let count = 1;
    count <= plan.fullDisks && isTimeFor(`full disk ${count} of ${plan.fullDisks}`);
    count += 1
  ) {
    const disk = newDisk();
    if (disk === undefined) {
      return;
    }
    const freeBytes = between(random, 0, 6_000_000);
    disk.fill(freeBytes);
    const { exitCode, stderr } = await world.start(disk);
    const trial = `disk ${count} of ${plan.fullDisks} with ${freeBytes} bytes left, exit status ${exitCode}`;
    expect(exitCode, `${trial}\n${stderr}`).toBeOneOf([0, 1]);
    if (exitCode === 1) {
      expect(stderr, trial).toMatch(/disk|space/);
      expect(stderr, trial).toContain(disk.folder);
    }
    disk.empty();
    await world.expectRepair(disk, trial);
  }
}

function lineOf(line: number): RegExp {
  return new RegExp(`^(?:[^\\n]*\\n){${line}}`);
}
