import type {
  ConnectorProgress,
  ConnectorWait,
  RunProgress,
  StepCounts,
  StepProgress,
} from "@cti-connectors/core/host";
import { formatBytes, formatCount, formatDuration, formatNumber } from "../text/format.js";
import type { Paint } from "../text/paint.js";

export interface FrameOptions {
  readonly now: Date;
  /** Counts up with every frame: turns the spinner. */
  readonly frame: number;
  /** Characters in a line; longer ones are cut. */
  readonly width: number;
  readonly paint: Paint;
  /** When the run started: shown in a last line that is never the same twice. Absent: the run has ended. */
  readonly startedAt?: Date | undefined;
  /** Shown there too, once the person has interrupted. */
  readonly notice?: string | undefined;
  /** For tests; default: the machine's. */
  readonly timeZone?: string;
}

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const barWidth = 20;

/** Pure: the lines that show how far a run is. */
export function renderProgress(progress: RunProgress, options: FrameOptions): string {
  const lines = progress.connectors.flatMap((connector) => renderConnector(connector, options));
  if (options.startedAt !== undefined) {
    const elapsed = formatDuration(options.now.getTime() - options.startedAt.getTime());
    const style = options.notice === undefined ? undefined : "yellow";
    lines.push({ style, text: join(`${turn(options)} ${elapsed}`, options.notice ?? "") });
  }
  return lines.map(({ style, text }) => paintLine(cut(text, options.width), style, options.paint)).join("\n");
}

type Style = Parameters<Paint>[0] | undefined;

interface Line {
  readonly style: Style;
  readonly text: string;
}

function paintLine(text: string, style: Style, paint: Paint): string {
  return style === undefined ? text : paint(style, text);
}

/** Lines that wrapped would be left behind when the frame is drawn again. Only the hourglass is two columns wide. */
function cut(text: string, columns: number): string {
  const characters = Array.from(text);
  const width = characters.includes("⏳") ? columns - 1 : columns;
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join("")}…`;
}

function renderConnector(connector: ConnectorProgress, options: FrameOptions): Line[] {
  const nameWidth = Math.max(0, ...connector.steps.map((step) => step.name.length));
  const lines: Line[] = [{ style: "bold", text: connector.name }];
  if (connector.status === "skipped") {
    lines.push({ style: "dim", text: `  – skipped: ${connector.reason ?? ""}` });
    return lines;
  }
  lines.push(...connector.steps.map((step) => renderStep(step, connector.wait, nameWidth, options)));
  if (connector.wait !== undefined) {
    lines.push(...renderWait(connector.wait, options).map((text) => ({ style: "yellow" as const, text })));
  }
  if (connector.status === "failed") {
    lines.push({ style: "red", text: `  ✖ ${connector.reason ?? "failed"}` });
  }
  if (connector.status === "interrupted") {
    lines.push({ style: "yellow", text: "  ■ interrupted" });
  }
  return lines;
}

function renderStep(
  step: StepProgress,
  wait: ConnectorWait | undefined,
  nameWidth: number,
  options: FrameOptions,
): Line {
  const name = step.name.padEnd(nameWidth);
  const elapsedMs = (step.finishedAt ?? options.now).getTime() - (step.startedAt ?? options.now).getTime();
  const elapsed = formatDuration(elapsedMs);
  const counts = renderCounts(step.counts);
  switch (step.status) {
    case "pending":
      return { style: "dim", text: `    ${name}` };
    case "done":
      return { style: "green", text: `  ✔ ${join(name, counts, elapsed)}` };
    case "stopped":
      return { style: "yellow", text: `  ■ ${join(name, counts, elapsed)}` };
    case "running": {
      const bar = renderBar(step);
      const waitsMs = wait === undefined ? 0 : options.now.getTime() - wait.since.getTime();
      const workedMs = elapsedMs - (step.waitedMs ?? 0) - waitsMs;
      const rate = renderRate(step.counts?.extracted ?? 0, workedMs);
      return { style: "cyan", text: `  ${turn(options)} ${join(name, bar, counts, rate, elapsed)}` };
    }
  }
}

function turn({ frame }: FrameOptions): string {
  return spinner[frame % spinner.length] ?? "";
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("  ");
}

/** Empty where nobody knows how much there is: the spinner alone shows life. */
function renderBar({ counts, total, bytes }: StepProgress): string {
  if (bytes !== undefined && bytes.total > 0) {
    return drawBar(bytes.read / bytes.total, `${formatBytes(bytes.read)} of ${formatBytes(bytes.total)}`);
  }
  if (total === undefined || total <= 0) {
    return "";
  }
  return drawBar((counts?.extracted ?? 0) / total, `of ${formatNumber(total)}`);
}

function drawBar(ratio: number, of: string): string {
  const share = Math.min(1, ratio);
  const filled = Math.floor(share * barWidth);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `${"█".repeat(filled)}${"░".repeat(barWidth - filled)} ${percent} ${of}`;
}

function renderCounts(counts: StepCounts | undefined): string {
  if (counts === undefined) {
    return "";
  }
  const removed = counts.superseded + counts.withdrawn;
  const details = [
    counts.inserted > 0 ? `${formatNumber(counts.inserted)} new` : "",
    counts.updated > 0 ? `${formatNumber(counts.updated)} changed` : "",
    counts.unchanged > 0 ? `${formatNumber(counts.unchanged)} unchanged` : "",
    removed > 0 ? `${formatNumber(removed)} removed` : "",
    counts.rejected > 0 ? `${formatNumber(counts.rejected)} rejected` : "",
  ].filter((detail) => detail !== "");
  const records = formatCount(counts.extracted, "record");
  return details.length === 0 ? records : `${records} (${details.join(", ")})`;
}

/** A rate over less than a second is noise. Waiting is not work. */
function renderRate(extracted: number, workedMs: number): string {
  return extracted === 0 || workedMs < 1000
    ? ""
    : `${formatNumber(Math.round((extracted * 1000) / workedMs))}/s`;
}

/** On one line, or on two where that is too long: until when is what people look for. */
function renderWait(wait: ConnectorWait, { now, timeZone, width }: FrameOptions): string[] {
  const clock = wait.until.toLocaleTimeString("en-GB", timeZone === undefined ? {} : { timeZone });
  const resuming = `resuming at ${clock}, in ${formatDuration(wait.until.getTime() - now.getTime())}`;
  const line = `  ⏳ ${wait.message}; ${resuming}`;
  // The hourglass is two columns wide.
  return Array.from(line).length < width ? [line] : [`  ⏳ ${wait.message}`, `     ${resuming}`];
}
