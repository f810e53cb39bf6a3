import { countDailyIocs, findNewFamilies, findVulnerabilities, listIocs } from "@cti-connectors/pivot";
import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { dailyIocsJson, iocsJson, newFamiliesJson } from "../answers/iocs-json.js";
import { vulnerabilityJson } from "../answers/lookup-json.js";
import { ProblemError } from "../answers/problem.js";
import type { RememberedDays } from "../reading/remember-days.js";
import { type Api, type ApiCollections, answersWith } from "./api-route.js";
import { decodePosition, encodePosition } from "./ioc-position.js";
import { limitOf, since as sinceQuery } from "./queries.js";

const key = z.string().min(1).max(200).optional();

const iocsRoute = createRoute({
  method: "get",
  path: "/iocs",
  summary: "The IOCs that ThreatFox saw last",
  request: {
    query: z.strictObject({
      malware: key.meta({ description: "Malpedia key", example: "win.cobalt_strike" }),
      type: key.meta({ description: "ThreatFox's `ioc_type`", example: "ip:port" }),
      limit: limitOf(1_000, 100),
      before: z.string().max(300).optional().meta({ description: "`next` of the page before" }),
    }),
  },
  responses: answersWith(iocsJson, "a page of IOCs"),
});

const mostDays = 90;

const dailyRoute = createRoute({
  method: "get",
  path: "/iocs/daily",
  summary: "How many IOCs were first seen each day, by family or type",
  request: {
    query: z.strictObject({
      days: limitOf(mostDays, 30),
      by: z.enum(["malware", "type"]).default("malware"),
    }),
  },
  responses: answersWith(dailyIocsJson, "counts for each day"),
});

const familiesRoute = createRoute({
  method: "get",
  path: "/families",
  summary: "Malware families of which there was no IOC before",
  request: { query: z.strictObject({ new_since: sinceQuery, limit: limitOf(1_000, 50) }) },
  responses: answersWith(newFamiliesJson, "families"),
});

const vulnerabilityRoute = createRoute({
  method: "get",
  path: "/vulnerabilities/{cve}",
  summary: "What CISA's catalogue of exploited vulnerabilities says",
  request: {
    params: z.object({
      cve: z.string().regex(/^CVE-\d{4}-\d{4,19}$/i, "expected a CVE id such as CVE-2024-3400"),
    }),
  },
  responses: answersWith(vulnerabilityJson, "the vulnerability"),
});

const dayMs = 86_400_000;

export function addIocRoutes(
  api: Api,
  { iocs, vulnerabilities }: ApiCollections,
  remembered: RememberedDays,
): void {
  api.openapi(iocsRoute, async (context) => {
    const { malware, type, limit, before } = context.req.valid("query");
    const { store, now } = context.var;
    const { next, ...page } = await listIocs(store, {
      ...{ iocs, limit, now },
      ...(malware !== undefined && { malware }),
      ...(type !== undefined && { type }),
      ...(before !== undefined && { before: decodePosition(before) }),
    });
    return context.json({ ...page, ...(next !== undefined && { next: encodePosition(next) }) }, 200);
  });
  api.openapi(dailyRoute, async (context) => {
    const { store, now } = context.var;
    const { days, by } = context.req.valid("query");
    const countDay = await remembered.prepare({ since: new Date(now.getTime() - days * dayMs), until: now });
    return context.json(await countDailyIocs(store, { iocs, now, days, by, countDay }), 200);
  });
  api.openapi(familiesRoute, async (context) => {
    const { new_since, limit } = context.req.valid("query");
    const { store, now } = context.var;
    if (new_since > mostDays * dayMs) {
      throw new ProblemError(400, `new_since: at most ${mostDays}d.`);
    }
    const since = new Date(now.getTime() - new_since);
    const countDay = await remembered.prepare({ since, until: now });
    const families = await findNewFamilies(store, { iocs, since, limit, now, countDay });
    return context.json({ families }, 200);
  });
  api.openapi(vulnerabilityRoute, async (context) => {
    const cve = context.req.valid("param").cve.toUpperCase();
    const place = { store: context.var.store, vulnerabilities };
    const found = (await findVulnerabilities(place, [cve])).get(cve);
    if (found === undefined) {
      throw new ProblemError(404, `${cve} is not among the exploited vulnerabilities that are stored.`);
    }
    return context.json(found, 200);
  });
}
