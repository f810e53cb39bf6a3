import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { errorCodeOf } from "@cti-connectors/core";
import { silentAfterMs } from "../health/health-file.js";
import { findHang, type HealthReport, healthReport, judgeReport } from "../health/health-report.js";
import { type ExitStatus, exitStatus, UsageError } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { renderHealth } from "../report/render-health.js";
import type { Surroundings } from "../settings/surroundings.js";

export interface HealthCommandOptions {
  /** What `run --health-file` writes. */
  readonly file?: string;
  /** What `serve`, or `run --health-port`, listens on. */
  readonly port?: number;
  readonly host?: string;
  /** Ask only whether the schedule goes on, however old the data is. */
  readonly live?: boolean;
  readonly json?: boolean;
}

/** The answer comes from memory. */
const answerTimeMs = 5_000;

/**
 * Asks a schedule how it is, for the health check of a container: no shell and no other program is needed. The exit status is 1 where it is
 * not healthy or does not answer: Docker reserves 2.
 *
 * @throws UsageError where neither a file nor a port is named, or both are
 */
export async function healthCommand(
  options: HealthCommandOptions,
  { folder, environment }: Pick<Surroundings, "folder" | "environment">,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { file, port, host = "127.0.0.1", live = false, json = false } = options;
  if ((file === undefined) === (port === undefined)) {
    throw new UsageError("Name either the file with --file or the port with --port, as given to run.");
  }
  const now = new Date();
  const asked =
    file === undefined
      ? await askPort(host, port ?? 0, environment.SERVE_TOKEN?.trim() || undefined)
      : await readHealthFile(resolve(folder, file), now);
  if (typeof asked === "string") {
    terminal.print(json ? JSON.stringify({ status: "unhealthy", reason: asked }) : `unhealthy: ${asked}`);
    return exitStatus.failed;
  }
  const hang = findHang(asked, now);
  terminal.print(json ? JSON.stringify(asked) : renderHealth(asked, { live, hang, now }));
  return hang === undefined && (live || asked.status === "healthy") ? exitStatus.ok : exitStatus.failed;
}

/** @returns as a text, why there is no answer */
async function readHealthFile(path: string, now: Date): Promise<HealthReport | string> {
  const text = await readFile(path, "utf8").catch((error: unknown) => error);
  if (typeof text !== "string") {
    return errorCodeOf(text) === "ENOENT"
      ? `there is no file ${path}: no schedule is running with --health-file ${path}`
      : `${path} cannot be read: ${text instanceof Error ? text.message : String(text)}`;
  }
  const report = parseReport(text);
  if (report === undefined) {
    return `${path} was not written by run --health-file`;
  }
  const silentMs = now.getTime() - report.at.getTime();
  return silentMs > silentAfterMs
    ? `${path} was last written ${Math.round(silentMs / 1000)} s ago: the schedule has ended or hangs`
    : judgeReport(report, now);
}

/** @param token what `serve` wants to be sent */
async function askPort(
  host: string,
  port: number,
  token: string | undefined,
): Promise<HealthReport | string> {
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/health`;
  try {
    const { status, body } = await get(url, token);
    if (status === 401) {
      return token === undefined
        ? `${url} answers 401: set SERVE_TOKEN as it is set for serve`
        : `${url} answers 401: it does not accept SERVE_TOKEN; set it as it is set for serve`;
    }
    return parseReport(body) ?? `${url} is not the health check of a schedule: it answers ${status}`;
  } catch (error) {
    return `${url} does not answer: ${errorCodeOf(error) ?? (error instanceof Error ? error.message : String(error))}`;
  }
}

/** `fetch` refuses ports that browsers keep away from, such as 6000. */
function get(
  url: string,
  token: string | undefined,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const signal = AbortSignal.timeout(answerTimeMs);
    const asked = request(url, { headers, signal, agent: false }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
    asked.on("error", (error) => reject(error.name === "AbortError" ? (error.cause ?? error) : error));
    asked.end();
  });
}

function parseReport(text: string): HealthReport | undefined {
  try {
    return healthReport.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
