import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expandPath } from "@cti-connectors/core/host";
import {
  type ExclusionList,
  ExclusionListError,
  iocTypes,
  type PatternStyle,
  parseExclusionLists,
} from "@cti-connectors/threatfox";
import { UsageError } from "../process/exit-status.js";
import { endSentence } from "../text/format.js";

export const exportFormats = ["stix", "csv", "ndjson", "blocklist"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  /** A file; absent or `-`: standard output. */
  readonly output?: string;
  readonly since?: Date;
  readonly type?: readonly string[];
  readonly minConfidence?: number;
  readonly malware?: readonly string[];
  /** Files of hosts that are in no export. */
  readonly exclude?: readonly string[];
  /** STIX: how patterns of `ip:port` are written. */
  readonly pattern?: PatternStyle;
  /** STIX: how many indicators a bundle holds, each in a file of its own. */
  readonly split?: number;
  /** Blocklist: list what has expired, too. */
  readonly includeExpired?: boolean;
}

/** @throws UsageError where options do not fit */
export function checkOptions(format: ExportFormat, options: ExportOptions): void {
  const { type, includeExpired, pattern, split, output } = options;
  if (format === "blocklist" && type === undefined) {
    throw new UsageError(
      `A blocklist holds one kind of indicator: choose it with --type: ${iocTypes.join(", ")}. "ip:port" lists IP addresses.`,
    );
  }
  if (format !== "blocklist" && includeExpired) {
    throw new UsageError(`--include-expired is for blocklists: ${format} has expired IOCs in any case.`);
  }
  if (format !== "stix" && (pattern !== undefined || split !== undefined)) {
    throw new UsageError(
      `${pattern === undefined ? "--split" : "--pattern"} is for stix only, not for ${format}.`,
    );
  }
  if (split !== undefined && (output === undefined || output === "-")) {
    throw new UsageError(
      "--split writes several files: say where with -o. For -o iocs.json they are iocs-0001.json, iocs-0002.json and so on.",
    );
  }
}

/** @throws UsageError where a list cannot be read or is wrong */
export async function readExclusions(files: readonly string[], folder: string): Promise<ExclusionList> {
  const read = async (file: string) => {
    const path = resolve(folder, expandPath("--exclude", file));
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`--exclude: ${path} cannot be read: ${endSentence(reason)}`, { cause: error });
    });
    return { name: path, text };
  };
  try {
    return parseExclusionLists(await Promise.all(files.map(read)));
  } catch (error) {
    throw error instanceof ExclusionListError ? new UsageError(error.message, { cause: error }) : error;
  }
}
