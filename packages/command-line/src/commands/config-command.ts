import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ExitStatus, exitStatus, UsageError } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { renderConfig } from "../report/render-config.js";
import { listSettings } from "../settings/list-settings.js";
import { findSettingFaults } from "../settings/read-settings.js";
import { describeSettingsFile, writeSettingsFile } from "../settings/settings-file.js";
import type { Surroundings } from "../settings/surroundings.js";
import { answerText } from "../text/answer-text.js";

export interface ConfigOptions {
  /** Write a `.env` to begin with. */
  readonly init?: boolean;
  readonly json?: boolean;
}

/**
 * Shows every setting, its value and where it comes from. It does so when settings are invalid, too, and then ends with `usage`.
 *
 * @throws UsageError where `.env` is to be written and is there already
 * @throws Error where it cannot be written
 */
export async function configCommand(
  { init = false, json = false }: ConfigOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { settingsFile, connectors, folder, dataFolder, warnings, redact } = surroundings;
  if (init) {
    if (!(await writeSettingsFile(settingsFile, describeSettingsFile(connectors)))) {
      throw new UsageError(`${settingsFile} already exists and was not changed: edit it, or move it first.`);
    }
    terminal.print(`Wrote ${settingsFile}, which only you can read. Edit it to change settings.`);
    return exitStatus.ok;
  }
  const faults = findSettingFaults(surroundings);
  const files = [...new Set([join(folder, ".env"), settingsFile])].map((path) => ({
    path,
    exists: existsSync(path),
  }));
  const shown = { files, dataFolder, settings: listSettings(surroundings, faults), warnings, faults };
  terminal.print(answerText(shown, { json, redact }, () => renderConfig(shown, surroundings)));
  return faults.length === 0 ? exitStatus.ok : exitStatus.usage;
}
