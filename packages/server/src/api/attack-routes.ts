import { attackDomains, domainNames, findDomainReleases, readMatrix } from "@cti-connectors/pivot";
import { createRoute } from "@hono/zod-openapi";
import { matrixJson, releasesJson } from "../answers/matrix-json.js";
import { type Api, answersWith } from "./api-route.js";
import { domainPath, releaseQuery, viewOf } from "./queries.js";

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
}
