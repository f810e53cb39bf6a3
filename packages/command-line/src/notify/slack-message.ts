import { oneLine } from "@cti-connectors/core";
import type { Notification } from "./notification.js";

/** https://docs.slack.dev/reference/block-kit/blocks/header-block */
const longestHeader = 150;
/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
const longestSection = 3_000;

const signs = { error: "🔴", warning: "⚠️", info: "ℹ️" } as const;

/**
 * A message for an incoming webhook of Slack (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). All text is plain, and
 * what Slack would read as a mention or a link is escaped.
 */
export function slackMessage({ resolved, severity, title, text, database, time }: Notification) {
  const headline = fit(`${resolved ? "✅" : signs[severity]} ${title}`, longestHeader);
  const footer = fit(`cti-connectors, database ${database}, ${time}`, longestSection);
  return {
    // For notifications of the system, and for clients without blocks.
    text: headline,
    mrkdwn: false,
    blocks: [
      { type: "header" as const, text: plainText(headline) },
      ...(text === "" ? [] : [{ type: "section" as const, text: plainText(fit(text, longestSection)) }]),
      { type: "context" as const, elements: [plainText(footer)] },
    ],
  };
}

function plainText(text: string) {
  return { type: "plain_text" as const, text, emoji: false };
}

/** Escapes a text (https://docs.slack.dev/messaging/formatting-message-text/), and shortens it so that it is not too long then. */
function fit(text: string, longest: number): string {
  const lines = text.split("\n").map((line) => oneLine(line));
  let escaped = "";
  for (const character of lines.join("\n")) {
    const next = escapes[character] ?? character;
    if (escaped.length + next.length > longest - 1) {
      return `${escaped}…`;
    }
    escaped += next;
  }
  return escaped;
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
