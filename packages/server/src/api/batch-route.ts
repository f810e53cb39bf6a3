import type { Logger } from "@cti-connectors/core";
import { lookUpMany, type ShortAnswer } from "@cti-connectors/pivot";
import type { WorkLimit } from "@cti-connectors/taxii-server";
import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { shortAnswerJson } from "../answers/lookup-json.js";
import { ProblemError } from "../answers/problem.js";
import { type Api, type ApiCollections, answersWith } from "./api-route.js";

const mostLines = 10_000;

/** Of any type, so that what it answers is streamed. */
const lines: Readonly<Record<string, { readonly schema: typeof shortAnswerJson }>> = {
  "application/x-ndjson": { schema: shortAnswerJson },
};

const { default: problem } = answersWith(shortAnswerJson, "");

const batchRoute = createRoute({
  method: "post",
  path: "/lookup/batch",
  summary: "What is known of up to 10,000 values, in short",
  request: {
    query: z.strictObject({
      subdomains: z
        .stringbool()
        .default(false)
        .meta({ description: "whether the IOCs below a domain belong to its answer" }),
    }),
    body: {
      description: "a value a line",
      content: { "text/plain": { schema: z.string().meta({ example: "c2[.]example\n203.0.113.5" }) } },
    },
  },
  responses: {
    200: {
      description: "an answer a line, in the order of the values",
      content: lines,
    },
    default: problem,
  },
});

export function addBatchRoute(api: Api, { log, ...collections }: ApiCollections & { readonly log: Logger }) {
  api.openapi(batchRoute, async (context) => {
    const terms = linesOf(await context.req.text());
    if (terms.length > mostLines) {
      throw new ProblemError(413, `${terms.length} lines are too many: send up to ${mostLines} at once.`);
    }
    const { store, now, limit } = context.var;
    const { subdomains } = context.req.valid("query");
    const answers = lookUpMany({ store, ...collections }, terms, { now, subdomains });
    const body = ReadableStream.from(writeLines(answers, { limit, log }));
    return context.body(body, 200, { "content-type": "application/x-ndjson" });
  });
}

/** An error breaks the connection off: what came before is not taken for all. */
async function* writeLines(
  answers: AsyncGenerator<ShortAnswer, void, undefined>,
  { limit, log }: { readonly limit: WorkLimit; readonly log: Logger },
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const read = () => limit.run(() => answers.next());
  try {
    for (let answer = await read(); !answer.done; answer = await read()) {
      yield encoder.encode(`${JSON.stringify(answer.value)}\n`);
    }
  } catch (error) {
    log.error({ err: error }, "a batch of lookups was broken off");
    throw error;
  } finally {
    // Stops reading ahead. The result of a read that is under way is dropped.
    void answers.return().catch(() => undefined);
  }
}

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
