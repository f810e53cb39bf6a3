import { completeTerm, lookUp, openView } from "@cti-connectors/pivot";
import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { attackDomain } from "../answers/attack-json.js";
import { lookupJson, suggestionsJson } from "../answers/lookup-json.js";
import { type Api, type ApiCollections, answersWith } from "./api-route.js";
import { limitOf, release } from "./queries.js";
import type { StatusSource } from "./status-routes.js";

const longestTerm = 2_000;

const lookupRoute = createRoute({
  method: "get",
  path: "/lookup",
  summary: "What an indicator, id or name is, who uses it, how they work and what to do about it",
  request: {
    query: z.strictObject({
      term: z.string().min(1).max(longestTerm).meta({
        description:
          "an indicator (defanged or not), a network, an ATT&CK, STIX or CVE id, a Malpedia key, or a name",
        example: "APT29",
      }),
      limit: limitOf(1_000, 20).meta({ description: "how many IOCs to answer" }),
      domain: attackDomain.optional().meta({ description: "default: all domains of ATT&CK" }),
      release,
    }),
  },
  responses: answersWith(lookupJson, "what is known; `found` says whether anything is"),
});

const suggestionsRoute = createRoute({
  method: "get",
  path: "/suggestions",
  summary: "What somebody may mean who has typed the beginning of a name or id",
  request: {
    query: z.strictObject({
      prefix: z.string().min(1).max(200).meta({ example: "cobalt" }),
      limit: limitOf(50, 10),
    }),
  },
  responses: answersWith(suggestionsJson, "objects of ATT&CK and malware families"),
});

export function addLookupRoutes(
  api: Api,
  collections: ApiCollections,
  { searched }: Pick<StatusSource, "searched">,
): void {
  api.openapi(lookupRoute, async (context) => {
    const { term, limit, domain, release: asked } = context.req.valid("query");
    const { store, now } = context.var;
    const { store: reader, ...view } = await openView({
      store,
      ...(domain !== undefined && { domain }),
      ...(asked !== undefined && { release: asked }),
    });
    const answer = await lookUp({ store: reader, ...collections }, term, { limit, now, ...view });
    return context.json({ ...answer, searched: await searched() }, 200);
  });
  api.openapi(suggestionsRoute, async (context) => {
    const { prefix, limit } = context.req.valid("query");
    return context.json({ suggestions: await completeTerm(context.var, prefix, { limit }) }, 200);
  });
}
