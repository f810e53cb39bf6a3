import { chmodSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { errorCodeOf, makeFolder } from "@cti-connectors/core";
import { type Connector, describeConfig, type SettingDescription } from "@cti-connectors/core/host";
import { programConfig } from "./program-config.js";

/** What `.env` can be begun with: every setting with what it is for. Those with a default are comments, so that a later default counts. */
export function describeSettingsFile(connectors: readonly Pick<Connector, "name" | "config">[]): string {
  const groups = [{ name: "all connectors", config: programConfig }, ...connectors]
    .map(({ name, config }) => ({ name, settings: describeConfig(config) }))
    .filter(({ settings }) => settings.length > 0)
    .map(({ name, settings }) => `# --- ${name} ---\n\n${settings.map(describeSetting).join("\n")}`);
  return `# Settings. To change one that has a default, remove the # before it. The environment wins over this file.
# Put a value with spaces in single quotes: without them, a # after a space starts a comment.

${groups.join("\n")}`;
}

function describeSetting({ name, description, default: byDefault }: SettingDescription): string {
  const comment = description === undefined ? "" : `# ${description.replaceAll("\n", "\n# ")}.\n`;
  return `${comment}${byDefault === undefined ? `${name}=` : `#${name}=${byDefault}`}\n`;
}

/**
 * Writes a file that only its owner can read, in a folder that is made where it is missing.
 *
 * @returns false where there is one already, which stays as it is
 * @throws Error of the file system
 */
export async function writeSettingsFile(path: string, text: string): Promise<boolean> {
  await makeFolder(dirname(path));
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
    chmodSync(path, 0o600);
    return true;
  } catch (error) {
    if (errorCodeOf(error) === "EEXIST") {
      return false;
    }
    throw error;
  }
}
