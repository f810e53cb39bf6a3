import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { onTestFinished, vi } from "vitest";
import { programConfig } from "../settings/program-config.js";
import { connectors } from "./program.js";

/** Programs take long to start on a busy machine, and the default time-out of a test is too short for that. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const program = fileURLToPath(new URL("start-cti.mjs", import.meta.url));
const clashing = fileURLToPath(new URL("start-clashing.mjs", import.meta.url));
const runner = fileURLToPath(new URL("../../../../apps/runner/", import.meta.url));
const settings = [programConfig, ...connectors.map(({ config }) => config)].flatMap(({ shape }) =>
  Object.keys(shape),
);

/** No setting of the machine or of the workspace's own `.env` reaches a test: what is empty in the environment is not set. */
const noSettings = Object.fromEntries(settings.map((name) => [name, ""]));

export interface StartOptions {
  /** Where the person types the command. */
  readonly folder: string;
  /** Settings; undefined: left to `.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** After which time the process is killed. Default 110 000. */
  readonly timeoutMs?: number;
  /** A command and its arguments that start Node, `unshare --pid` for example. Absent: none. */
  readonly wrapper?: readonly string[];
  /** Default `ignore`. */
  readonly stdin?: "ignore" | "pipe";
}

/** The command line as the program `cti`. */
export function startProcess(args: readonly string[], options: StartOptions): StartedProcess {
  return spawn([program, ...args], options);
}

/** The same with one more connector, which has the setting `CLASHING_SETTING` and the option `CLASHING_OPTION` of the environment. */
export function startClashing(args: readonly string[], options: StartOptions): StartedProcess {
  return spawn([clashing, ...args], options);
}

/** The command line as `pnpm --filter runner start` runs it. */
export function startRunner(args: readonly string[], options: StartOptions): StartedProcess {
  return spawn([`${runner}start.mjs`, ...args], options);
}

/** `pnpm` with these arguments, in a process group of its own. */
export function startPnpm(args: readonly string[], options: StartOptions): StartedProcess {
  const pnpm = fileURLToPath(new URL("../../../../node_modules/pnpm/bin/pnpm.cjs", import.meta.url));
  return spawn([pnpm, ...args], { ...options, detached: true });
}

export type StartedProcess = ReturnType<typeof spawn>;

function spawn(
  args: readonly string[],
  {
    folder,
    env = {},
    timeoutMs = 110_000,
    wrapper = [],
    stdin = "ignore",
    detached = false,
  }: StartOptions & { readonly detached?: boolean },
) {
  const [command = execPath, ...rest] = [...wrapper, execPath, ...args];
  const started = execa(command, rest, {
    cwd: runner,
    detached,
    reject: false,
    stdin,
    timeout: timeoutMs,
    env: {
      ...noSettings,
      CI: undefined,
      NO_COLOR: "1",
      FORCE_COLOR: undefined,
      npm_lifecycle_event: undefined,
      INIT_CWD: folder,
      DATA_DIR: join(folder, "database"),
      ...env,
    },
  });
  onTestFinished(() => {
    started.kill("SIGKILL");
  });
  return started;
}

/** Resolves with what the process has written once that matches. */
export async function seen(
  started: StartedProcess,
  stream: "stdout" | "stderr",
  pattern: RegExp,
): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    started[stream].on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (pattern.test(text)) {
        resolve(text);
      }
    });
    void started.then(({ stdout, stderr, exitCode }) =>
      reject(new Error(`ended with ${exitCode} before ${pattern} was seen:\n${stdout}\n${stderr}`)),
    );
  });
}

/** The environment in which a started program gets a signal once its standard error matches: not a moment later, and never too late. */
export function signalAt(signal: NodeJS.Signals, { source }: RegExp): Readonly<Record<string, string>> {
  const preload = new URL("signal-at-log.mjs", import.meta.url).href;
  return { NODE_OPTIONS: `--import=${preload}`, SIGNAL: signal, SIGNAL_AT_LOG: source };
}

/** The environment in which a started program has another time than this one. */
export function withClockAhead(aheadMs: number): Readonly<Record<string, string>> {
  const preload = new URL("shift-clock.mjs", import.meta.url).href;
  return { NODE_OPTIONS: `--import=${preload}`, CLOCK_AHEAD_MS: String(aheadMs) };
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) {
    throw new Error("the server has no TCP address");
  }
  return address.port;
}
