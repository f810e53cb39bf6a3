import { explainInsecureUrl, integerSetting, listSetting, urlSetting } from "@cti-connectors/core";
import { baseConfig, durationSetting, type Environment } from "@cti-connectors/core/host";
import { z } from "zod";

/** What users can be notified of. */
export const notifyEvents = ["failing", "database", "stale", "gap", "missing", "release"] as const;
export type NotifyEvent = (typeof notifyEvents)[number];

const notifyFormats = ["json", "slack", "teams"] as const;
export type NotifyFormat = (typeof notifyFormats)[number];

const eventsError = `must be some of ${notifyEvents.join(", ")}, separated by commas`;

const fewestTokenCharacters = 16;

/** The settings of the program itself, beside those of its connectors. */
export const programConfig = baseConfig.extend({
  MAX_DATA_AGE: durationSetting()
    .optional()
    .describe("How old the data of a connector may be, such as 26h. Unset: on a schedule, three intervals"),
  SERVE_TOKEN: z
    .string()
    .min(fewestTokenCharacters, { error: `must have at least ${fewestTokenCharacters} characters` })
    .meta({ secret: true })
    .optional()
    .describe(
      "What clients of serve must send, as a bearer token or as a password. Unset: only this machine is served",
    ),
  NOTIFY_URL: urlSetting()
    .meta({ secret: true })
    .optional()
    .describe("A webhook to notify, such as one of Slack or Teams. Unset: nobody is notified"),
  NOTIFY_FORMAT: z
    .enum(notifyFormats, { error: `must be one of ${notifyFormats.join(", ")}` })
    .default("json")
    .describe("What NOTIFY_URL accepts: json, slack or teams"),
  NOTIFY_AFTER_FAILURES: integerSetting({ min: 1, max: 1000 })
    .default(3)
    .describe("Notify when a connector has failed this many times in a row"),
  NOTIFY_EVENTS: listSetting()
    .pipe(z.array(z.enum(notifyEvents, { error: eventsError })).readonly())
    .default(notifyEvents)
    .describe(`What to notify of: some of ${notifyEvents.join(", ")}`),
});

export type ProgramConfig = z.output<typeof programConfig>;

/** Warns of a webhook whose secret address would be sent without TLS. */
export function warnOfNotifyUrl({ NOTIFY_URL }: Environment): string[] {
  const url = NOTIFY_URL?.trim();
  const fault = url?.startsWith("http://")
    ? explainInsecureUrl(url, "its address is a secret, and so may be what is sent there")
    : undefined;
  return fault === undefined ? [] : [`NOTIFY_URL ${fault}`];
}
