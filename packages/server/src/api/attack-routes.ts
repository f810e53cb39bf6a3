import { readChanges } from "@cti-connectors/mitre-taxii";
import {
  type AttackObjectType,
  attackDomains,
  collectionIds,
  domainNames,
  findDomainReleases,
  listObjects,
  openView,
  readMatrix,
} from "@cti-connectors/pivot";
import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { objectsJson } from "../answers/attack-json.js";
import { changesJson } from "../answers/changes-json.js";
import { matrixJson, releasesJson } from "../answers/matrix-json.js";
import { ProblemError } from "../answers/problem.js";
import { type Api, answersWith } from "./api-route.js";
import { domainPath, limitOf, release, releaseQuery, viewOf } from "./queries.js";

const releasesRoute = createRoute({
  method: "get",
  path: "/attack/releases",
  summary: "Which releases of ATT&CK are stored",
  responses: answersWith(releasesJson, "the domains and their releases"),
});

const matrixRoute = createRoute({
  method: "get",
  path: "/attack/{domain}/matrix",
  summary: "The matrix of a domain: tactics, techniques and sub-techniques",
  request: { params: domainPath, query: releaseQuery },
  responses: answersWith(matrixJson, "the matrix, without what is revoked or deprecated"),
});

/** What a query calls the types of objects. */
const listedTypes = {
  asset: "asset",
  campaign: "campaign",
  data_component: "dataComponent",
  detection_strategy: "detectionStrategy",
  group: "group",
  mitigation: "mitigation",
  software: "software",
  tactic: "tactic",
  technique: "technique",
} as const satisfies Readonly<Record<string, AttackObjectType>>;

const name = z.string().min(1).max(100).optional();

const objectsRoute = createRoute({
  method: "get",
  path: "/attack/{domain}/objects",
  summary: "The groups, software, techniques, … of a domain",
  request: {
    params: domainPath,
    query: z.strictObject({
      type: z.enum([
        "asset",
        "campaign",
        "data_component",
        "detection_strategy",
        "group",
        "mitigation",
        "software",
        "tactic",
        "technique",
      ] satisfies (keyof typeof listedTypes)[]),
      release,
      tactic: name.meta({ description: "id, name or short name", example: "initial-access" }),
      platform: name.meta({ description: "as ATT&CK spells it", example: "Windows" }),
      data_component: name.meta({ description: "what detects the techniques", example: "DC0032" }),
      limit: limitOf(1_000, 100),
      after: name.meta({ description: "`next` of the page before" }),
    }),
  },
  responses: answersWith(objectsJson, "objects, in the order of their ATT&CK ids"),
});

const changesRoute = createRoute({
  method: "get",
  path: "/attack/{domain}/changes",
  summary: "What changed between two stored releases",
  request: {
    params: domainPath,
    query: z.strictObject({
      from: release.meta({ description: "default: the release before the other" }),
      to: release.meta({ description: "default: the newest stored release" }),
      fields: z.stringbool().default(false).meta({
        description: "whether to say which fields of each object differ, with both values",
      }),
    }),
  },
  responses: answersWith(changesJson, "what was added, modified and withdrawn"),
});

export function addAttackRoutes(api: Api): void {
  api.openapi(releasesRoute, async (context) => {
    const domains = [];
    for (const domain of attackDomains) {
      const releases = await findDomainReleases(context.var.store, domain);
      domains.push({ domain, name: domainNames[domain], ...releases });
    }
    return context.json({ domains }, 200);
  });
  api.openapi(matrixRoute, async (context) => {
    const view = viewOf({ ...context.req.valid("param"), ...context.req.valid("query") });
    return context.json(await readMatrix({ store: context.var.store, ...view }), 200);
  });
  api.openapi(objectsRoute, async (context) => {
    const { type, tactic, platform, data_component, limit, after, ...query } = context.req.valid("query");
    const asked = viewOf({ ...context.req.valid("param"), ...query });
    const view = await openView({ store: context.var.store, ...asked });
    const page = await listObjects(view, {
      type: listedTypes[type],
      limit,
      ...(tactic !== undefined && { tactic }),
      ...(platform !== undefined && { platform }),
      ...(data_component !== undefined && { dataComponent: data_component }),
      ...(after !== undefined && { after }),
    });
    return context.json(page, 200);
  });
  api.openapi(changesRoute, async (context) => {
    const { domain } = context.req.valid("param");
    const { from, to, fields } = context.req.valid("query");
    const { collections } = await readChanges(context.var.store, {
      collection: collectionIds[domain],
      withFields: fields,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
    const [changes] = collections;
    if (changes === undefined) {
      throw new ProblemError(404, `Nothing of ${domain} is stored: load it first.`);
    }
    return context.json(changes, 200);
  });
}
