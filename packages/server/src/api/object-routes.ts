import {
  type AttackObject,
  type AttackView,
  answerAttack,
  findDetectionsOf,
  findObjects,
  findProcedureExamples,
  openView,
} from "@cti-connectors/pivot";
import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import {
  attackAnswersJson,
  attackDomain,
  detectionsJson,
  proceduresJson,
  relatedJson,
} from "../answers/attack-json.js";
import { ProblemError } from "../answers/problem.js";
import { type Api, answersWith } from "./api-route.js";
import { findRelatedBy, relationNames } from "./find-related-by.js";
import { release } from "./queries.js";

const id = z.string().min(1).max(200).meta({ description: "ATT&CK id or STIX id", example: "G0016" });
const view = {
  domain: attackDomain.optional().meta({ description: "default: all domains" }),
  release,
};
const subTechniques = {
  include_sub_techniques: z
    .stringbool()
    .default(false)
    .meta({ description: "whether who uses a sub-technique uses the technique" }),
};

const objectRoute = createRoute({
  method: "get",
  path: "/attack/objects/{id}",
  summary: "An object of ATT&CK with all that it is related with, in short",
  request: { params: z.object({ id }), query: z.strictObject(view) },
  responses: answersWith(
    attackAnswersJson,
    "usually one: some deprecated mitigations have the id of a technique",
  ),
});

const detectionsRoute = createRoute({
  method: "get",
  path: "/attack/objects/{id}/detections",
  summary: "How a technique is detected",
  request: { params: z.object({ id }), query: z.strictObject(view) },
  responses: answersWith(detectionsJson, "detection strategies with their analytics, and data components"),
});

const proceduresRoute = createRoute({
  method: "get",
  path: "/attack/objects/{id}/procedures",
  summary: "How a technique is used, in ATT&CK's words and with what it cites",
  request: { params: z.object({ id }), query: z.strictObject({ ...view, ...subTechniques }) },
  responses: answersWith(proceduresJson, "in the order of the users' ATT&CK ids"),
});

const relatedRoute = createRoute({
  method: "get",
  path: "/attack/objects/{id}/{relation}",
  summary: "What an object of ATT&CK is related with, and what ATT&CK says about it",
  request: {
    params: z.object({ id, relation: z.enum(relationNames) }),
    query: z.strictObject({ ...view, ...subTechniques }),
  },
  responses: answersWith(relatedJson, "in the order of their ATT&CK ids"),
});

export function addObjectRoutes(api: Api): void {
  api.openapi(objectRoute, async (context) => {
    const asked = { ...context.req.valid("param"), ...context.req.valid("query") };
    const { view, found } = await findAsked(context.var.store, asked);
    return context.json({ objects: await answerAttack(view, found) }, 200);
  });
  api.openapi(detectionsRoute, async (context) => {
    const asked = { ...context.req.valid("param"), ...context.req.valid("query") };
    const { view, found } = await findAsked(context.var.store, asked);
    const { strategies, data_components } = await findDetectionsOf(view, found);
    const answer = {
      strategies: strategies.map(({ analytics, ...strategy }) => ({
        ...withoutStix(strategy),
        analytics: analytics.map(({ log_sources, ...analytic }) => ({
          ...withoutStix(analytic),
          log_sources: log_sources.map(({ data_component, ...source }) => ({
            ...source,
            data_component: shorten(data_component),
          })),
        })),
      })),
      data_components: data_components.map(withoutStix),
    };
    return context.json(answer, 200);
  });
  api.openapi(proceduresRoute, async (context) => {
    const asked = { ...context.req.valid("param"), ...context.req.valid("query") };
    const { view, found } = await findAsked(context.var.store, asked);
    const options = { subTechniques: asked.include_sub_techniques };
    return context.json({ relationships: await findProcedureExamples(view, found, options) }, 200);
  });
  api.openapi(relatedRoute, async (context) => {
    const asked = { ...context.req.valid("param"), ...context.req.valid("query") };
    const { view, found } = await findAsked(context.var.store, asked);
    const options = { subTechniques: asked.include_sub_techniques };
    const related = await findRelatedBy(asked.relation, view, found, options);
    return context.json({ objects: related.map(withoutStix) }, 200);
  });
}

interface Asked {
  readonly id: string;
  readonly domain?: AttackView["domain"] | undefined;
  readonly release?: string | undefined;
}

/** @throws ProblemError where no object has this id */
async function findAsked(store: AttackView["store"], { id, domain, release }: Asked) {
  const view = await openView({
    store,
    ...(domain !== undefined && { domain }),
    ...(release !== undefined && { release }),
  });
  const found = await findObjects(view, id);
  if (found.length === 0) {
    throw new ProblemError(404, `No object of ATT&CK that is stored has the id ${id}: /lookup finds names.`);
  }
  return { view, found };
}

/** The relationships say what is shown; the whole STIX object is for TAXII. */
function withoutStix<Item extends { readonly object: AttackObject }>({ object, ...rest }: Item) {
  return { ...rest, object: shorten(object) };
}

function shorten({ stix: _, collection_id: __, ...shown }: AttackObject) {
  return shown;
}
