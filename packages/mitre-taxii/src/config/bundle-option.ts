import { type RunOption, readSourceOption } from "@cti-connectors/core";
import type { MitreTaxiiConfig } from "./mitre-taxii-config.js";

/** Loads bundles in one run: the setting `MITRE_BUNDLES`, on a command line. */
export const bundleOption = {
  values: "<source...>",
  summary: "load ATT&CK from STIX bundles, files or URLs, instead of asking the server",
  apply: (config, values, context) => ({
    ...config,
    MITRE_BUNDLES: values.map((value) => readSourceOption(value, context)),
  }),
} satisfies RunOption<MitreTaxiiConfig>;
