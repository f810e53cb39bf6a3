import type { Context, Hono } from "hono";
import { serveFile } from "../http/serve-file.js";
import type { UpstreamEnv } from "../http/upstream-env.js";
import { type ExportName, exportNames, openExports } from "./open-exports.js";
import type { ThreatfoxFeed } from "./threatfox-feed.js";

const openPaths = {
  "/export/json/full": "full.json.zip",
  "/export/json/recent": "recent.json",
  "/export/csv/full": "full.csv.zip",
  "/export/csv/recent": "recent.csv",
} as const satisfies Record<string, ExportName>;

/**
 * The exports: without a key as https://threatfox.abuse.ch/export/ did for years and still does, and with the key in
 * the URL: as `auth-key`, or in the path, which is what that page says since 2026.
 */
export function serveExports(app: Hono<UpstreamEnv>, feed: ThreatfoxFeed, authKey: string): void {
  const open = openExports(feed);
  const answer = async (c: Context<UpstreamEnv>, name: ExportName) =>
    serveFile(await open(name), c.req.raw.headers);

  for (const [path, name] of Object.entries(openPaths)) {
    app.get(path, (c) => answer(c, name));
  }
  for (const name of exportNames) {
    app.get(`/files/exports/${name}`, (c) => refuseKey(c.req.query("auth-key"), authKey) ?? answer(c, name));
    app.get(
      `/v2/files/exports/:key/${name}`,
      (c) => refuseKey(c.req.param("key"), authKey) ?? answer(c, name),
    );
  }
}

/**
 * The answer to a request for an export without the right key: 401 `{"error": "Unauthorized"}` without one
 * (https://github.com/elastic/beats/issues/46995), 403 with one that abuse.ch does not know.
 *
 * @returns undefined where the key is right
 */
function refuseKey(given: string | undefined, expected: string): Response | undefined {
  if (given === expected) {
    return undefined;
  }
  return given === undefined || given === ""
    ? Response.json({ error: "Unauthorized" }, { status: 401 })
    : Response.json({ query_status: "unknown_auth_key" }, { status: 403 });
}
