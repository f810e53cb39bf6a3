import {
  countRecentIocs,
  createChangesLayer,
  createGroupsLayer,
  createIocsLayer,
  createUsageLayer,
  findLayerSubjects,
} from "@cti-connectors/pivot";
import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { layerJson } from "../answers/layer-json.js";
import { ProblemError } from "../answers/problem.js";
import type { RememberedDays } from "../reading/remember-days.js";
import { type Api, type ApiCollections, answersWith } from "./api-route.js";
import { domainPath, release, releaseQuery, since, viewOf } from "./queries.js";

const answers = answersWith(layerJson, "a layer for the ATT&CK Navigator");
const mostSubjects = 20;

const usageRoute = createRoute({
  method: "get",
  path: "/attack/{domain}/layers/usage",
  summary: "What groups, software, campaigns and malware families use, and where they overlap",
  request: {
    params: domainPath,
    query: z.strictObject({
      release,
      subject: z
        .union([z.string().transform((one) => [one]), z.array(z.string())])
        .pipe(z.array(z.string().min(1).max(200)).min(1).max(mostSubjects))
        .meta({ description: "an ATT&CK id, a Malpedia key or a name; can be repeated", example: "G0016" }),
    }),
  },
  responses: answers,
});

const groupsRoute = createRoute({
  method: "get",
  path: "/attack/{domain}/layers/groups",
  summary: "How many groups use each technique",
  request: { params: domainPath, query: releaseQuery },
  responses: answers,
});

const iocsRoute = createRoute({
  method: "get",
  path: "/attack/{domain}/layers/iocs",
  summary: "How many recent IOCs belong to malware that uses each technique",
  request: { params: domainPath, query: z.strictObject({ release, since }) },
  responses: answers,
});

const changesRoute = createRoute({
  method: "get",
  path: "/attack/{domain}/layers/changes",
  summary: "Which techniques changed between two stored releases",
  request: { params: domainPath, query: z.strictObject({ from: release, to: release }) },
  responses: answers,
});

export function addLayerRoutes(api: Api, { iocs }: ApiCollections, days: RememberedDays): void {
  api.openapi(usageRoute, async (context) => {
    const { subject, ...query } = context.req.valid("query");
    const view = { store: context.var.store, ...viewOf({ ...context.req.valid("param"), ...query }) };
    const subjects = await findLayerSubjects({ store: context.var.store }, subject);
    return context.json(await createUsageLayer(view, subjects), 200);
  });
  api.openapi(groupsRoute, async (context) => {
    const view = viewOf({ ...context.req.valid("param"), ...context.req.valid("query") });
    return context.json(await createGroupsLayer({ store: context.var.store, ...view }), 200);
  });
  api.openapi(iocsRoute, async (context) => {
    const { since: durationMs, ...query } = context.req.valid("query");
    const view = { store: context.var.store, ...viewOf({ ...context.req.valid("param"), ...query }) };
    const span = { since: new Date(context.var.now.getTime() - durationMs), until: context.var.now };
    const counts = await countRecentIocs(context.var.store, iocs, span, await days.prepare(span));
    return context.json(await createIocsLayer(view, { since: span.since, iocs, counts }), 200);
  });
  api.openapi(changesRoute, async (context) => {
    const { domain } = context.req.valid("param");
    const { from, to } = context.req.valid("query");
    const layer = await createChangesLayer(context.var.store, {
      domain,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
    if (layer === undefined) {
      throw new ProblemError(
        404,
        `There are not two stored releases of ${domain} to compare: /attack/releases says which are.`,
      );
    }
    return context.json(layer, 200);
  });
}
