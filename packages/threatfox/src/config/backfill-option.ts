import { type RunOption, readSourceOption } from "@cti-connectors/core";
import { exportSourceSetting, fullExportUrl } from "./export-urls.js";
import type { ThreatfoxConfig } from "./threatfox-config.js";

/** Loads an export first, in one run: the setting `THREATFOX_BACKFILL`, on a command line. */
export const backfillOption = {
  value: "[source]",
  summary: "load an export first: a file or a URL (default: the full export)",
  apply: (config, value, context) => ({
    ...config,
    THREATFOX_BACKFILL:
      value === true ? fullExportUrl(config) : readSourceOption(value, context, exportSourceSetting()),
  }),
} satisfies RunOption<ThreatfoxConfig>;
