import { notFound } from "@cti-connectors/taxii-server";
import type { MiddlewareHandler } from "hono";
import { z } from "zod";
import type { UpstreamEnv } from "../http/upstream-env.js";
import type { TaxiiBehavior } from "./taxii-behavior.js";

const answerSchema = z.looseObject({
  next: z.string().optional(),
  collections: z.array(z.looseObject({})).optional(),
  objects: z.array(z.looseObject({ date_added: z.string().optional() })).optional(),
});

type Answer = z.output<typeof answerSchema>;

/** Spells the answers of a server as the behavior has it. */
export function rewriteAnswers(behavior: TaxiiBehavior): MiddlewareHandler<UpstreamEnv> {
  const { collectionKeys, dateAdded, omitNext, emptyAnswer } = behavior;
  const rewriters: readonly ((answer: Answer, path: string) => Answer)[] = [
    ...(collectionKeys === "camelCase" ? [toCamelCase] : []),
    ...(dateAdded === "javascript" ? [toJavascriptDates] : []),
    ...(omitNext ? [({ next: _, ...answer }: Answer) => answer] : []),
    ...(emptyAnswer === "empty-list" ? [toEmptyList] : []),
    ...(emptyAnswer === "not-found" ? [refuseEmpty] : []),
  ];
  return async (c, next) => {
    await next();
    if (rewriters.length === 0 || c.res.status !== 200 || c.req.method === "HEAD") {
      return;
    }
    const answer = rewriters.reduce(
      (rewritten, rewrite) => rewrite(rewritten, c.req.path),
      answerSchema.parse(await c.res.json()),
    );
    const headers = new Headers(c.res.headers);
    headers.delete("content-length");
    // Hono merges an answer that replaces another, unless there is none for a moment.
    c.res = undefined;
    c.res = new Response(JSON.stringify(answer), { headers });
  };
}

function toCamelCase(answer: Answer): Answer {
  const rename = ({ can_read, can_write, media_types, ...rest }: Readonly<Record<string, unknown>>) =>
    can_read === undefined
      ? rest
      : { ...rest, canRead: can_read, canWrite: can_write, mediaTypes: media_types };
  const { collections } = answer;
  return collections === undefined ? rename(answer) : { ...answer, collections: collections.map(rename) };
}

function toJavascriptDates({ objects, ...answer }: Answer): Answer {
  return objects === undefined
    ? answer
    : {
        ...answer,
        objects: objects.map((record) =>
          record.date_added === undefined
            ? record
            : { ...record, date_added: toJavascriptDate(record.date_added) },
        ),
      };
}

/** What `String(date)` gives on a server in UTC, whatever the zone of this machine. */
function toJavascriptDate(timestamp: string): string {
  const [day, date, month, year, time] = new Date(timestamp).toUTCString().replace(",", "").split(" ");
  return `${day} ${month} ${date} ${year} ${time} GMT+0000 (Coordinated Universal Time)`;
}

function toEmptyList(answer: Answer, path: string): Answer {
  const [, list] = /\/(objects|manifest|versions)(?:\/[^/]+)?\/?$/.exec(path) ?? [];
  if (list === undefined || Object.keys(answer).length > 0) {
    return answer;
  }
  return { more: false, [list === "versions" ? "versions" : "objects"]: [] };
}

/** @throws TaxiiRefusal 404 */
function refuseEmpty(answer: Answer): Answer {
  if (Object.keys(answer).length === 0) {
    throw notFound("Nothing matches.");
  }
  return answer;
}
