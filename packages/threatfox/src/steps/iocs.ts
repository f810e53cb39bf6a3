import { type Logger, stepFor } from "@cti-connectors/core";
import {
  checkpointOf,
  type IocsCheckpoint,
  iocsCheckpoint,
  type OpenGap,
} from "../backfill/iocs-checkpoint.js";
import { loadAskedExport } from "../backfill/load-asked-export.js";
import type { IocsContext, IocsPage, LoadProgress } from "../backfill/load-export.js";
import { fillGap, findGapFault, refresh } from "../backfill/load-full-export.js";
import { loadRecentExport } from "../backfill/load-recent-export.js";
import { isRecentDue, planRun, type RunPlan } from "../backfill/plan-run.js";
import { createThreatfoxClient } from "../client/create-threatfox-client.js";
import { fullExportUrl } from "../config/export-urls.js";
import { connectionOf, threatfoxConfig } from "../config/threatfox-config.js";
import { removeDownload } from "../export-file/obtain-export.js";
import { enrichIoc } from "../record/enrich-ioc.js";
import { iocRecord } from "../record/ioc-record.js";
import { type IocDocument, reconcileIoc } from "../record/reconcile-ioc.js";

const pageSize = 1000;

/**
 * Loads IOCs, one document each, with ThreatFox's id as `_id`: the export that `THREATFOX_BACKFILL` names, where it names one; then
 * what is new at ThreatFox since it was asked last. Where that was longer ago than the API reaches back, the full export comes first. Once a day
 * the export of what was seen in the last 48 hours comes behind it.
 */
export const iocs = stepFor({ config: threatfoxConfig })({
  name: "iocs",
  summary: "IOCs since the last run",
  record: iocRecord,
  checkpoint: iocsCheckpoint,
  collection: { setting: "COLLECTION_NAME" },
  keepsHistory: true,
  indexes: [
    { "enriched.indicator.value": 1 },
    { "enriched.indicator.host": 1, "enriched.first_seen": 1 },
    { "enriched.indicator.reversed_domain": 1 },
    { "enriched.indicator.address": 1 },
    { "enriched.malware": 1, "enriched.first_seen": 1 },
    { "enriched.indicator.type": 1, "enriched.first_seen": 1 },
    { "enriched.malware_name": 1 },
    { "enriched.folded_tags": 1, "enriched.first_seen": 1 },
    { "enriched.reporter": 1 },
    { "enriched.first_seen": 1 },
    { "enriched.expires_at": 1 },
    { "enriched.stix_id": 1 },
  ],
  extract,
  transform(record) {
    const document: IocDocument = {
      _id: record.id,
      data: record.data,
      enriched: enrichIoc(record),
      source: record.source,
    };
    return document;
  },
  reconcile: reconcileIoc,
  restore: {
    version: 1,
    adds: "IOCs in a network, below a domain or with a tag",
    record: ({ data }) => data,
  },
});

async function* extract(stepContext: IocsContext): AsyncGenerator<IocsPage> {
  const { config, log } = stepContext;
  const checkpoint = checkpointOf(config.COLLECTION_NAME, stepContext.checkpoint);
  const context = { ...stepContext, checkpoint };
  const askedAt = context.now();
  const isForgotten = await isLastQueryForgotten(context);
  const progress: LoadProgress = { state: checkpoint, loaded: 0 };
  let plan = planRun({ state: checkpoint, isForgotten }, askedAt, config);
  warnOfClock(plan, checkpoint, askedAt, log);
  if (config.THREATFOX_BACKFILL !== undefined) {
    const isGapFilled = yield* loadAskedExport(
      config.THREATFOX_BACKFILL,
      plan.gap,
      askedAt,
      progress,
      context,
    );
    plan = planRun({ state: progress.state, isForgotten, isGapFilled }, askedAt, config);
  }
  if (config.THREATFOX_API_KEY === undefined) {
    log.warn({}, "THREATFOX_API_KEY is not set: only the export is loaded, without querying the API");
    yield* reportGap(progress.state.gap);
    return;
  }
  const { days, gap, refreshes } = plan;
  const filling = gap && (yield* fillGap(gap, progress, context));
  if (refreshes) {
    yield* refresh(progress, context);
  }
  const told = yield* query(askedAt, days, progress, context);
  const fault = gap && filling && findGapFault(gap, filling, told, config);
  progress.state = afterQuery(progress.state, askedAt, days, fault?.gap);
  // On a page of its own: this checkpoint says that everything before it is stored.
  yield { checkpointOnly: progress.state, total: progress.loaded };
  if (filling?.range !== undefined || refreshes) {
    await removeDownload(fullExportUrl(config), context);
  }
  if (fault !== undefined) {
    yield* reportGap(fault.gap);
    throw fault;
  }
  if (isRecentDue(progress.state, askedAt, config.THREATFOX_RECENT_HOURS)) {
    yield* loadRecentExport(progress, context);
  }
}

function* reportGap(gap: OpenGap | undefined): Generator<IocsPage> {
  if (gap !== undefined) {
    yield { records: [], gap };
  }
}

function afterQuery(
  { first_query: _, ...state }: IocsCheckpoint,
  askedAt: Date,
  days: number,
  gap: OpenGap | undefined,
): IocsCheckpoint {
  const queried_at = askedAt.toISOString();
  return { refreshed_at: queried_at, ...state, queried_at, days, ...(gap !== undefined && { gap }) };
}

/** Whether IOCs are stored, and nothing says how long ago ThreatFox was asked, as with `--full`: longer than the API reaches back, perhaps. */
async function isLastQueryForgotten({ checkpoint, config, store }: IocsContext): Promise<boolean> {
  const isKnown = checkpoint?.queried_at !== undefined || checkpoint?.first_query !== undefined;
  return !isKnown && (await store.exists(config.COLLECTION_NAME, {}));
}

function warnOfClock(
  { isClockWrong, days }: RunPlan,
  { queried_at, first_query }: IocsCheckpoint,
  now: Date,
  log: Logger,
): void {
  if (isClockWrong) {
    log.warn(
      { queried_at: queried_at ?? first_query?.at, now: now.toISOString() },
      `the last query seems to be in the future, so a clock is or was wrong: requesting ${days} days, as far as the API reaches back`,
    );
  }
}

/**
 * Loads what the API has of the last days. Returns how many IOCs.
 *
 * Of the first query it is remembered before any of it is stored that it was begun: when it is interrupted, what is stored is a part of it, and
 * the next run tries again.
 */
async function* query(
  askedAt: Date,
  days: number,
  progress: LoadProgress,
  { config, http }: IocsContext,
): AsyncGenerator<IocsPage, number> {
  const records = await createThreatfoxClient(connectionOf(http, config)).getIocRecords({ days });
  progress.loaded += records.length;
  const { queried_at, first_query } = progress.state;
  if (queried_at === undefined && first_query === undefined && records.length > 0) {
    progress.state = { ...progress.state, first_query: { at: askedAt.toISOString(), days } };
    yield { checkpointOnly: progress.state, total: progress.loaded };
  }
  for (let start = 0; start < records.length; start += pageSize) {
    yield { records: records.slice(start, start + pageSize), total: progress.loaded };
  }
  return records.length;
}
