import { baseConfig, durationSetting } from "@cti-connectors/core/host";
import type { z } from "zod";

/** The settings of the program itself, beside those of its connectors. */
export const programConfig = baseConfig.extend({
  MAX_DATA_AGE: durationSetting()
    .optional()
    .describe("How old the data of a connector may be, such as 26h. Unset: on a schedule, three intervals"),
});

export type ProgramConfig = z.output<typeof programConfig>;
