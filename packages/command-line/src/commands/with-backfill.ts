import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Environment, expandPath, parseConfig } from "@cti-connectors/core/host";
import { fullExportUrl, hideExportKey, threatfox, threatfoxConfig } from "@cti-connectors/threatfox";
import { UsageError } from "../process/exit-status.js";
import type { Surroundings } from "../settings/surroundings.js";

/**
 * The environment of a run: exports of ThreatFox are looked for in the folder where the command was typed, and downloaded
 * to the data folder where no other is set; one is loaded first where `--backfill` says so.
 *
 * @param backfill a file or URL; true: the full export
 * @param connectors names of those that run
 * @throws UsageError where there is nothing to be loaded
 */
export function withBackfill(
  { environment, folder, dataFolder }: Pick<Surroundings, "environment" | "folder" | "dataFolder">,
  backfill: string | true | undefined,
  connectors: readonly string[],
): Environment {
  if (backfill !== undefined && !connectors.includes(threatfox.name)) {
    throw new UsageError(
      `--backfill loads an export of ${threatfox.name}, which is not among what is to be run.`,
    );
  }
  if (typeof backfill === "string" && backfill.trim() === "") {
    throw new UsageError("--backfill is followed by an empty text: a file or URL was expected.");
  }
  if (
    typeof backfill === "string" &&
    connectors.includes(backfill) &&
    !existsSync(resolve(folder, backfill))
  ) {
    throw new UsageError(
      `--backfill ${backfill}: a file or URL was expected. Write run ${backfill} --backfill.`,
    );
  }
  const origin = backfill === undefined ? "THREATFOX_BACKFILL" : "--backfill";
  const source =
    backfill === true ? fullExport(environment) : (backfill ?? environment.THREATFOX_BACKFILL?.trim());
  return {
    ...environment,
    THREATFOX_DOWNLOAD_DIR: environment.THREATFOX_DOWNLOAD_DIR?.trim() || join(dataFolder, "downloads"),
    THREATFOX_BACKFILL: source === undefined || source === "" ? undefined : locate(source, folder, origin),
  };
}

/** Why the address behind `--backfill` should not stand there, or undefined. */
export function warnOfKeyInBackfill(
  backfill: string | true | undefined,
  { redact }: Pick<Surroundings, "redact">,
): string | undefined {
  if (typeof backfill !== "string" || !URL.canParse(backfill)) {
    return undefined;
  }
  const holdsKey = redact(backfill) !== backfill || hideExportKey(backfill).includes(redacted);
  return holdsKey
    ? "the address behind --backfill holds a key, which the process list shows to every user of this machine. Write --backfill without an address, which takes THREATFOX_API_KEY, or put the address into THREATFOX_BACKFILL in .env."
    : undefined;
}

const redacted = "[redacted]";

function fullExport(environment: Environment): string {
  return fullExportUrl(
    parseConfig(threatfoxConfig.pick({ THREATFOX_EXPORT_URL: true, API_URL: true }), environment),
  );
}

function locate(source: string, folder: string, origin: string): string {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(source)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https") {
    return source;
  }
  if (scheme !== undefined) {
    throw new UsageError(
      `${origin} cannot be loaded from ${scheme}://: a file, or a URL that starts with http:// or https://, was expected.`,
    );
  }
  const file = resolve(folder, expandPath(origin, source));
  if (!existsSync(file)) {
    throw new UsageError(
      `${origin}: there is no export to be loaded at ${file}: a file or a URL was expected.`,
    );
  }
  return file;
}
