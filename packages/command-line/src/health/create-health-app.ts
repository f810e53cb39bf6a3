import { Hono, type MiddlewareHandler } from "hono";
import { findHang } from "./health-report.js";
import { metricsType, renderMetrics } from "./render-metrics.js";
import type { RunTracker } from "./run-tracker.js";

/**
 * Answers `GET /health` (200, or 503 where data is too old), `/health/live` (503 where the schedule hangs) and `/metrics`, from memory.
 *
 * @param options `now`: default the real clock. `before`: what every request passes first
 */
export function createHealthApp(
  tracker: RunTracker,
  {
    now = () => new Date(),
    before = [],
  }: { readonly now?: () => Date; readonly before?: readonly MiddlewareHandler[] } = {},
): Hono {
  const app = new Hono();
  for (const handler of before) {
    app.use(handler);
  }
  app.use(async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });
  app.get("/health", (context) => {
    const { report } = tracker.read(now());
    return context.json(report, report.status === "healthy" ? 200 : 503);
  });
  app.get("/health/live", (context) => {
    const at = now();
    const hang = findHang(tracker.read(at).report, at);
    return hang === undefined
      ? context.json({ status: "alive" })
      : context.json({ status: "hanging", reason: hang }, 503);
  });
  app.get("/metrics", async (context) =>
    context.body(await renderMetrics(tracker.read(now())), 200, { "content-type": metricsType }),
  );
  app.notFound((context) => context.text("Not found. Try /health, /health/live or /metrics.\n", 404));
  return app;
}
