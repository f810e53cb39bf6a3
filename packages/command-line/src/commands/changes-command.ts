import { baseConfig, parseConfig } from "@cti-connectors/core/host";
import {
  type Changes,
  type ReadChangesOptions,
  readChanges,
  UnknownReleaseError,
} from "@cti-connectors/mitre-taxii";
import { answerFromStore } from "../database/answer-from-store.js";
import { outputFile } from "../files/output-file.js";
import { writeWholeFile } from "../files/write-whole-file.js";
import { type ExitStatus, exitStatus, UsageError } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { composeReleaseNotes, type ReleaseNotes } from "../report/release-notes.js";
import { renderChanges } from "../report/render-changes.js";
import type { Surroundings } from "../settings/surroundings.js";
import { answerText } from "../text/answer-text.js";
import { paintFor, plain } from "../text/paint.js";
import { widthFor } from "../text/width.js";
import { sayOutdated } from "./say-outdated.js";

export interface ChangesOptions {
  /** Releases, such as 17.1. */
  readonly from?: string;
  readonly to?: string;
  readonly since?: Date;
  /** Show people every change. */
  readonly all?: boolean;
  /** Objects that were revoked or deprecated before, too. */
  readonly includeRetired?: boolean;
  readonly json?: boolean;
  /** Release notes instead of a table. */
  readonly format?: NotesFormat;
  /** A file; absent or `-`: standard output. */
  readonly output?: string;
}

export const notesFormats = ["markdown", "html"] as const;
type NotesFormat = (typeof notesFormats)[number];

/**
 * Shows what changed in ATT&CK between two stored releases, or in the database since a time: as a table, JSON or release notes.
 *
 * @throws UsageError where a release is not stored, options do not fit, or the file cannot be written
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 */
export async function changesCommand(
  options: ChangesOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { environment, folder } = surroundings;
  const question = questionOf(options);
  const file = outputFile(options.output, folder, "changes.md");
  const settings = parseConfig(baseConfig, environment);
  try {
    return await answerFromStore(
      { settings, surroundings, terminal, access: "read" },
      async ({ store, place }, signal) => {
        const outdated = await sayOutdated(["mitre-taxii"], store, surroundings, terminal);
        const changes = { ...(await readChanges(store.reader, question)), ...outdated };
        const text = await renderAnswer(changes, options, surroundings, place);
        if (file === undefined) {
          terminal.print(text);
        } else {
          await writeWholeFile(file, [text, "\n"], signal);
          terminal.say(`Wrote ${file}.`);
        }
        return changes.collections.length === 0 ? exitStatus.failed : exitStatus.ok;
      },
    );
  } catch (error) {
    throw error instanceof UnknownReleaseError ? new UsageError(error.message, { cause: error }) : error;
  }
}

async function renderAnswer(
  changes: Changes,
  { all = false, json = false, format, output = "-" }: ChangesOptions,
  { command, redact }: Surroundings,
  place: string,
): Promise<string> {
  if (format !== undefined) {
    const notes = composeReleaseNotes(changes, { all });
    return redact(await renderNotes(notes, format));
  }
  const isShown = output === "-";
  const paint = isShown ? paintFor(process.stdout) : plain;
  const width = widthFor(isShown ? process.stdout : {});
  return answerText(changes, { json, redact }, () =>
    renderChanges(changes, { place, command, all, paint, width }),
  );
}

/** The code that compares texts and writes HTML is loaded here: other commands need none. */
async function renderNotes(notes: ReleaseNotes, format: NotesFormat): Promise<string> {
  if (format === "markdown") {
    const { renderNotesAsMarkdown } = await import("../report/render-notes-markdown.js");
    return renderNotesAsMarkdown(notes);
  }
  const { renderNotesAsHtml } = await import("../report/render-notes-html.js");
  return renderNotesAsHtml(notes);
}

function questionOf({
  from,
  to,
  since,
  json,
  format,
  includeRetired = false,
}: ChangesOptions): ReadChangesOptions {
  if (json && format !== undefined) {
    throw new UsageError(`--json and --format ${format} are two forms of one answer: give one or the other.`);
  }
  const detail = { includeRetired, withFields: json === true || format !== undefined };
  if (since === undefined) {
    return { ...detail, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  }
  if (from !== undefined || to !== undefined) {
    throw new UsageError(
      "--since asks what changed in the database, --from and --to what changed between releases: give one or the other.",
    );
  }
  return { ...detail, since };
}
