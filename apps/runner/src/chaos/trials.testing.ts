import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Target } from "../acceptance-run.testing.js";
import { between, createRandom, type Random } from "../random-numbers.testing.js";
import { signalAt } from "../start-process.testing.js";
import { plan, seed } from "./chaos-plan.testing.js";
import type { World } from "./chaos-world.testing.js";

/** Makes a database that nothing was loaded into yet. */
export type NewTarget = () => Target;

/** Kills of at most so many runs in a row, before one may end. */
const killsInRow = 3;

/** `kill -9` at random lines of the log, and at random times. */
export async function killRuns(world: World, newTarget: NewTarget): Promise<void> {
  const random = createRandom(seed, "kills");
  for (let kills = 0; kills < plan.kills; ) {
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
  for (let count = 1; count <= plan.signals; count += 1) {
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
  for (let race = 1; race <= plan.races; race += 1) {
    const target = newTarget();
    const apartMs = between(random, 0, 800);
    const isOneKilled = race % 2 === 0;
    const first = world.start(target);
    await sleep(apartMs);
    const second = world.start(target);
    if (isOneKilled) {
      await sleep(between(random, 100, 900));
      first.kill("SIGKILL");
    }
    const [one, other] = await Promise.all([first, second]);
    const trial = `race ${race} of ${plan.races}, ${apartMs} ms apart${isOneKilled ? ", the first is killed" : ""}`;
    expect(other.exitCode, `${trial}\n${other.stderr}`).toBe(0);
    if (!isOneKilled) {
      expect(one.exitCode, `${trial}\n${one.stderr}`).toBe(0);
    }
    await world.expectRepair(target, trial);
  }
}

function lineOf(line: number): RegExp {
  return new RegExp(`^(?:[^\\n]*\\n){${line}}`);
}
