import { expect, onTestFinished } from "vitest";
import { z } from "zod";
import { seen, startProcess } from "./start-process.js";

const ready = z.object({ taxii: z.url(), threatfox: z.url(), threatfoxExport: z.url(), authKey: z.string() });

/** Both upstreams, in a process of their own. */
export interface RunningSandbox extends z.output<typeof ready> {
  /** The settings that lead a run to them. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends it, and returns the status of every answer of its TAXII server. */
  stop(): Promise<readonly number[]>;
}

export interface SandboxProcessOptions {
  readonly folder: string;
  /** Written as on the command line. */
  readonly quota: string;
  /** After which time it is killed. */
  readonly timeoutMs: number;
}

/** `start sandbox` over a data set. It is gone after the test. */
export async function startSandboxProcess(
  data: { readonly args: readonly string[] },
  { folder, quota, timeoutMs }: SandboxProcessOptions,
): Promise<RunningSandbox> {
  const args = ["sandbox", ...data.args, "--quota", quota];
  let isStopped = false;
  const started = startProcess(args, { folder, env: { LOG_LEVEL: "debug" }, timeoutMs });
  onTestFinished(() => {
    const { exitCode, signalCode } = started;
    if (!isStopped && (exitCode !== null || signalCode !== null)) {
      throw new Error(
        `the sandbox ended during the test, with ${exitCode ?? signalCode}: 0 is a signal from outside`,
      );
    }
  });
  const { taxii, threatfox, threatfoxExport, authKey } = ready.parse(
    JSON.parse(await seen(started, "stdout", /\n/)),
  );
  return {
    taxii,
    threatfox,
    threatfoxExport,
    authKey,
    env: {
      MITRE_TAXII_URL: taxii,
      API_URL: threatfox,
      THREATFOX_EXPORT_URL: threatfoxExport,
      THREATFOX_API_KEY: authKey,
    },
    async stop() {
      isStopped = true;
      started.kill("SIGTERM");
      const { stderr, exitCode } = await started;
      expect(exitCode, stderr).toBe(0);
      const answers = stderr.matchAll(/ request upstream=taxii .* status=(\d+)$/gm);
      return [...answers].map(([, status]) => Number(status));
    },
  };
}
