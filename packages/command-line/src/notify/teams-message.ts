import { oneLine } from "@cti-connectors/core";
import type { Notification } from "./notification.js";

/** A message may have 28 KB (https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook), and there may be many lines. */
const longestLine = 1_500;
const mostLines = 12;

const colors = { error: "Attention", warning: "Warning", info: "Accent" } as const;

/**
 * A message for the trigger "When a Teams webhook request is received" of a Teams workflow
 * (https://learn.microsoft.com/en-us/connectors/teams/#microsoft-teams-webhook): an Adaptive Card in an attachment. Markdown in a text run has no
 * effect (https://learn.microsoft.com/en-us/adaptive-cards/schema-explorer/text-run), so nothing has to be escaped.
 */
export function teamsMessage({ resolved, severity, title, text, database, time }: Notification) {
  const lines = text === "" ? [] : text.split("\n");
  return {
    type: "message" as const,
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive" as const,
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json" as const,
          type: "AdaptiveCard" as const,
          // The first with RichTextBlock.
          version: "1.2" as const,
          fallbackText: oneLine(title, longestLine),
          body: [
            line(title, { weight: "Bolder", size: "Medium", color: resolved ? "Good" : colors[severity] }),
            ...lines.slice(0, mostLines).map((text) => line(text)),
            line(`cti-connectors, database ${database}, ${time}`, { isSubtle: true, size: "Small" }),
          ],
        },
      },
    ],
  };
}

interface RunStyle {
  readonly weight?: "Bolder";
  readonly size?: "Small" | "Medium";
  readonly color?: "Good" | (typeof colors)[keyof typeof colors];
  readonly isSubtle?: true;
}

function line(text: string, style: RunStyle = {}) {
  const run = { type: "TextRun" as const, text: oneLine(text, longestLine), ...style };
  return { type: "RichTextBlock" as const, inlines: [run] };
}
