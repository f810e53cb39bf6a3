import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { KnownBlock } from "@slack/types";
import type * as AdaptiveCards from "adaptivecards";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  describeFailing,
  describeGap,
  describeMissing,
  describeRecovered,
  describeRelease,
} from "./describe-news.js";
import { createNotification, type Message } from "./notification.js";
import { slackMessage } from "./slack-message.js";
import { teamsMessage } from "./teams-message.js";

/** Its ES modules are for bundlers. */
const adaptiveCards: typeof AdaptiveCards = createRequire(import.meta.url)(
  "adaptivecards/dist/adaptivecards.js",
);

const now = new Date("2026-11-28T03:00:12.000Z");
const notify = (message: Message) => createNotification(message, { database: "threat_intelligence", now });

const failing = (reason: string) =>
  describeFailing(
    "threatfox",
    { failures: 3, failingSince: new Date("2026-11-28T01:00:00Z") },
    { reason, command: "cti" },
  );
const release = describeRelease(
  "mitre-taxii",
  [
    {
      name: "Enterprise ATT&CK",
      from: "17.1",
      to: "18.1",
      counts: { added: 1_204, modified: 310, revoked: 2, deprecated: 5, withdrawn: 0 },
    },
    { name: "ICS ATT&CK", from: "17.1", to: "18.1" },
  ],
  "cti",
);
const hostile =
  "<!channel> <@U1|x> @everyone [click](https://evil.example) **b** \u202Ereversed\u0007\n".repeat(200);
const messages: readonly (readonly [string, Message])[] = [
  ["a connector that fails", failing("iocs: the server answered 503")],
  ["a connector that works again", describeRecovered("threatfox", "2026-11-28T01:00:00.000Z")],
  ["a release", release],
  ["a gap", describeGap("threatfox", "2026-11-10T00:00:00.000Z/2026-11-21T00:00:00.000Z")],
  ["hostile text", failing(hostile)],
  ["many names", describeMissing("mitre-taxii", hostile)],
];

test("as JSON, all fields are there in their order", () => {
  expect(notify(failing("iocs: the server answered 503"))).toMatchInlineSnapshot(`
    {
      "connector": "threatfox",
      "database": "threat_intelligence",
      "details": {
        "failures": 3,
        "reason": "iocs: the server answered 503",
        "since": "2026-11-28T01:00:00.000Z",
      },
      "event": "failing",
      "id": "threat_intelligence/failing/threatfox/f793928f5633fc89/open",
      "program": "cti-connectors",
      "resolved": false,
      "severity": "error",
      "text": "iocs: the server answered 503
    Failing since 2026-11-28 01:00 UTC. Details: cti status",
      "time": "2026-11-28T03:00:12.000Z",
      "title": "threatfox failed 3 times in a row",
      "version": 1,
    }
  `);
});

test("a release lists what it changed in each data set", () => {
  expect(notify(release)).toMatchInlineSnapshot(`
    {
      "connector": "mitre-taxii",
      "database": "threat_intelligence",
      "details": {
        "changes": [
          {
            "counts": {
              "added": 1204,
              "deprecated": 5,
              "modified": 310,
              "revoked": 2,
              "withdrawn": 0,
            },
            "from": "17.1",
            "name": "Enterprise ATT&CK",
            "to": "18.1",
          },
          {
            "from": "17.1",
            "name": "ICS ATT&CK",
            "to": "18.1",
          },
        ],
      },
      "event": "release",
      "id": "threat_intelligence/release/mitre-taxii/381df3acb53af0fb/open",
      "program": "cti-connectors",
      "resolved": false,
      "severity": "info",
      "text": "Enterprise ATT&CK: 17.1 to 18.1: 1,204 added, 310 modified, 2 revoked, 5 deprecated, 0 withdrawn
    ICS ATT&CK: 17.1 to 18.1: the changes are not known
    All changes: cti changes",
      "time": "2026-11-28T03:00:12.000Z",
      "title": "mitre-taxii loaded release 18.1",
      "version": 1,
    }
  `);
});

test("the documented example is what is sent", async () => {
  const page = await readFile(new URL("../../../../docs/operations.md", import.meta.url), "utf8");
  const [, example = ""] = /<!-- notification:[^\n]*\n\n```json\n(.*?)```/s.exec(page) ?? [];
  const outcomes = { failures: 3, failingSince: new Date("2026-11-28T01:00:00Z") };
  const reason = "iocs: the server answered 503";
  const sent = notify(describeFailing("threatfox", outcomes, { reason, command: "cti-connectors" }));
  expect(example).toBe(`${JSON.stringify(sent, undefined, 2)}\n`);
});

describe("for Slack", () => {
  test("a message has a header, its text and where it comes from", () => {
    expect(slackMessage(notify(failing("iocs: 503 & <no> answer")))).toMatchInlineSnapshot(`
      {
        "blocks": [
          {
            "text": {
              "emoji": false,
              "text": "🔴 threatfox failed 3 times in a row",
              "type": "plain_text",
            },
            "type": "header",
          },
          {
            "text": {
              "emoji": false,
              "text": "iocs: 503 &amp; &lt;no&gt; answer
      Failing since 2026-11-28 01:00 UTC. Details: cti status",
              "type": "plain_text",
            },
            "type": "section",
          },
          {
            "elements": [
              {
                "emoji": false,
                "text": "cti-connectors, database threat_intelligence, 2026-11-28T03:00:12.000Z",
                "type": "plain_text",
              },
            ],
            "type": "context",
          },
        ],
        "mrkdwn": false,
        "text": "🔴 threatfox failed 3 times in a row",
      }
    `);
  });

  test.each(messages)(
    "%s keeps to the limits, with no mention, link or control character",
    (_what, message) => {
      const { text, blocks } = slackMessage(notify(message));
      const known: readonly KnownBlock[] = blocks;
      const texts = [text, ...textsIn(known)];
      expect(
        texts.filter((part) =>
          /[<>]|&(?!amp;|lt;|gt;)|[^\n\P{Cc}]|\p{Cf}/u.test(part.replaceAll("\uFE0F", "")),
        ),
      ).toEqual([]);
      for (const block of known) {
        const longest = block.type === "header" ? 150 : 3_000;
        expect(textsIn(block).filter((part) => part.length === 0 || part.length > longest)).toEqual([]);
      }
    },
  );
});

describe("for Teams", () => {
  test("a message is an Adaptive Card in an attachment", () => {
    expect(teamsMessage(notify(failing("iocs: 503 & **no** answer")))).toMatchInlineSnapshot(`
      {
        "attachments": [
          {
            "content": {
              "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
              "body": [
                {
                  "inlines": [
                    {
                      "color": "Attention",
                      "size": "Medium",
                      "text": "threatfox failed 3 times in a row",
                      "type": "TextRun",
                      "weight": "Bolder",
                    },
                  ],
                  "type": "RichTextBlock",
                },
                {
                  "inlines": [
                    {
                      "text": "iocs: 503 & **no** answer",
                      "type": "TextRun",
                    },
                  ],
                  "type": "RichTextBlock",
                },
                {
                  "inlines": [
                    {
                      "text": "Failing since 2026-11-28 01:00 UTC. Details: cti status",
                      "type": "TextRun",
                    },
                  ],
                  "type": "RichTextBlock",
                },
                {
                  "inlines": [
                    {
                      "isSubtle": true,
                      "size": "Small",
                      "text": "cti-connectors, database threat_intelligence, 2026-11-28T03:00:12.000Z",
                      "type": "TextRun",
                    },
                  ],
                  "type": "RichTextBlock",
                },
              ],
              "fallbackText": "threatfox failed 3 times in a row",
              "type": "AdaptiveCard",
              "version": "1.2",
            },
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
          },
        ],
        "type": "message",
      }
    `);
  });

  test.each(messages)("%s is a valid card of plain text runs, below 28 KB", (_what, message) => {
    const body = teamsMessage(notify(message));
    const [{ content } = expect.fail("no card")] = body.attachments;
    const context = new adaptiveCards.SerializationContext();
    const card = new adaptiveCards.AdaptiveCard();
    card.parse(content, context);
    const faults = Array.from(
      { length: context.eventCount },
      (_, index) => context.getEventAt(index).message,
    );
    expect(faults).toEqual([]);
    expect(card.validateProperties().validationEvents).toEqual([]);
    expect(card.toJSON()).toEqual(content);
    expect(content.body.every(({ type }) => type === "RichTextBlock")).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(28 * 1024);
    expect(JSON.stringify(body)).not.toMatch(/\\u00|\\n|\p{Cf}/u);
  });
});

const textObject = z.object({ type: z.literal("plain_text"), text: z.string() });

/** Texts at any depth. */
function textsIn(value: unknown): readonly string[] {
  const object = textObject.safeParse(value);
  if (object.success) {
    return [object.data.text];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
