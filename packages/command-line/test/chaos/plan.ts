import { env, stdout } from "node:process";

/** `pnpm test:chaos` sets CHAOS=full; `npm test` makes a few of each kind. */
export const isFull = env.CHAOS === "full";

/** Another one chooses other moments. */
export const seed = Number(env.CHAOS_SEED ?? "1");

/** How much trouble of each kind is made on each of the two databases. */
export const plan = isFull
  ? { kills: 50, signals: 10, races: 20, namespaces: 6, clocks: 4, lost: 10, fullDisks: 6 }
  : { kills: 1, signals: 1, races: 1, namespaces: 1, clocks: 1, lost: 1, fullDisks: 1 };

/** Of a test. */
export const timeoutMs = 600_000;

/** Both databases are tried side by side, so that all of it ends within ten minutes. */
const endsAt = performance.now() + 550_000;

/** Whether there is time for another trial. Once there is not, says which are left out. */
export function isTimeFor(trial: string): boolean {
  const isTime = performance.now() < endsAt;
  if (!isTime) {
    stdout.write(`${trial} and those behind it: left out, since ten minutes are over\n`);
  }
  return isTime;
}
