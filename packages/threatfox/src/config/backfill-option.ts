import { isUrl, type OptionContext, OptionError, type RunOption } from "@cti-connectors/core";
import { exportSourceSetting, fullExportUrl } from "./export-urls.js";
import type { ThreatfoxConfig } from "./threatfox-config.js";

/** Loads an export first, in one run: the setting `THREATFOX_BACKFILL`, on a command line. */
export const backfillOption: RunOption<ThreatfoxConfig> = {
  value: "[source]",
  summary: "load an export first: a file or a URL (default: the full export)",
  apply: (config, value, context) => ({
    ...config,
    THREATFOX_BACKFILL: value === true ? fullExportUrl(config) : parseSource(value.trim(), context),
  }),
};

/** @throws OptionError where there is nothing to be loaded */
function parseSource(text: string, { resolvePath }: OptionContext): string {
  if (text === "") {
    throw new OptionError("has an empty value: give a file or a URL");
  }
  const source = isUrl(text) ? text : resolvePath(text);
  const [fault] = exportSourceSetting().safeParse(source).error?.issues ?? [];
  if (fault !== undefined) {
    // A URL is not shown: it may hold a key.
    throw new OptionError(isUrl(text) ? fault.message : `${fault.message}: ${source}`);
  }
  return source;
}
