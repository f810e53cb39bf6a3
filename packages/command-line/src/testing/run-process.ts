import { join } from "node:path";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { type Db, MongoClient } from "mongodb";
import { expect } from "vitest";
import { z } from "zod";
import type { RunningSandbox } from "./sandbox-process.js";
import { type StartedProcess, type StartOptions, startProcess } from "./start-process.js";

/** Where a run loads to: the embedded database of a folder, or a server. */
export interface Target {
  /** Where the command is typed. */
  readonly folder: string;
  /** Absent: the embedded database. */
  readonly mongoUri?: string;
  /** Absent: the default. */
  readonly db?: string;
}

export interface RunOptions {
  /** Arguments beside `--json`. */
  readonly args?: readonly string[];
  /** Settings beside the ones that lead to upstreams and database. */
  readonly env?: Readonly<Record<string, string>>;
  /** Handed on to `startProcess`. */
  readonly process?: Pick<StartOptions, "timeoutMs" | "wrapper">;
  /** As `process.timeoutMs`. */
  readonly timeoutMs?: number;
}

/** `start run --json` against upstreams, such as a sandbox. */
export function startRun(
  { env: upstreams }: Pick<RunningSandbox, "env">,
  { folder, mongoUri, db }: Target,
  { args = [], env, timeoutMs, process }: RunOptions = {},
): StartedProcess {
  return startProcess(["run", "--json", ...args], {
    folder,
    env: { ...upstreams, ...(mongoUri && { MONGO_URI: mongoUri }), ...(db && { DB_NAME: db }), ...env },
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...process,
  });
}

const stepReport = z.object({
  name: z.string(),
  extracted: z.number(),
  inserted: z.number(),
  updated: z.number(),
  superseded: z.number(),
  withdrawn: z.number(),
  rejected: z.number(),
  missing: z.array(z.string()).optional(),
});
const connectorReport = z.object({
  name: z.string(),
  status: z.string(),
  requests: z.number(),
  throttled: z.number(),
  steps: z.array(stepReport),
});
const runReport = z.object({
  runId: z.string(),
  status: z.string(),
  store: z.object({ kind: z.string(), db: z.string() }),
  connectors: z.array(connectorReport),
});
type StepReport = z.output<typeof stepReport>;

export interface FinishedRun {
  readonly report: z.output<typeof runReport>;
  readonly mitre: z.output<typeof connectorReport>;
  /** The steps of all connectors by their names. */
  readonly steps: ReadonlyMap<string, StepReport>;
  /** Documents that were inserted, updated or marked as removed. */
  readonly written: number;
  readonly stderr: string;
}

/** Waits for the end of a run of these connectors, which must be a good one. */
export async function finish(
  run: StartedProcess,
  connectors: readonly string[] = ["mitre-taxii", "threatfox"],
): Promise<FinishedRun> {
  const { stdout, stderr, exitCode } = await run;
  expect(exitCode, stderr).toBe(0);
  const report = runReport.parse(JSON.parse(stdout));
  expect(report.status).toBe("ok");
  expect(report.connectors.map(({ name, status }) => [name, status])).toEqual(
    connectors.map((name) => [name, "ok"]),
  );
  const mitre = connectorReport.parse(report.connectors[0]);
  const steps = new Map(report.connectors.flatMap(({ steps }) => steps.map((step) => [step.name, step])));
  let written = 0;
  for (const { inserted, updated, superseded, withdrawn } of steps.values()) {
    written += inserted + updated + superseded + withdrawn;
  }
  return { report, mitre, steps, written, stderr };
}

/** Looks at what was loaded, while no run has the database open. */
export async function inDatabase<Seen>(
  { folder, mongoUri, db = "threat_intelligence" }: Target,
  look: (database: Db) => Promise<Seen>,
): Promise<Seen> {
  const server =
    mongoUri === undefined ? await startEmbeddedMongo({ path: join(folder, "database") }) : undefined;
  const client = new MongoClient(server?.uri ?? mongoUri ?? "");
  try {
    return await look(client.db(db));
  } finally {
    await client.close();
    await server?.close();
  }
}
