import { defineStep } from "@cti-connectors/core";
import { createThreatfoxClient } from "./client/create-threatfox-client.js";
import { removeDownload } from "./export-file/obtain-export.js";
import { fillGap, findGapFault, mergeGaps } from "./fill-gap.js";
import { fullExportUrl } from "./full-export-url.js";
import { checkpointOf, type IocsCheckpoint, iocsCheckpoint } from "./iocs-checkpoint.js";
import { loadAsked } from "./load-asked.js";
import type { IocsContext, IocsPage, LoadProgress } from "./load-export.js";
import { isRefreshDue } from "./plan-refresh.js";
import { planWindow, type Window } from "./plan-window.js";
import { refresh } from "./refresh.js";
import type { ThreatfoxConfig } from "./threatfox-config.js";
import { enrichIoc } from "./transform/enrich-ioc.js";
import { iocRecord } from "./transform/ioc-record.js";
import { type IocDocument, reconcileIoc } from "./transform/reconcile-ioc.js";

const pageSize = 1000;
/** How far a run asks back that comes at its time, once a day or more often. */
const regularDays = 2;

/**
 * Loads IOCs, one document each, with ThreatFox's id as `_id`: the export that `THREATFOX_BACKFILL` names, where it names one; then
 * what ThreatFox tells since it was asked last. Where that was longer ago than the API reaches back, the full export comes first.
 */
export const iocs = defineStep<ThreatfoxConfig, typeof iocRecord, IocsCheckpoint>({
  name: "iocs",
  summary: "IOCs since the last run",
  record: iocRecord,
  checkpoint: iocsCheckpoint,
  collections: (config) => [
    {
      name: config.COLLECTION_NAME,
      keepsHistory: true,
      indexes: [
        { key: { "enriched.indicator.value": 1 } },
        { key: { "enriched.indicator.host": 1 } },
        { key: { "enriched.malware": 1 } },
        { key: { "enriched.malware_name": 1 } },
        { key: { "enriched.tags": 1 } },
        { key: { "enriched.first_seen": 1 } },
        { key: { "enriched.expires_at": 1 } },
        { key: { first_ingested_at: 1 } },
      ],
    },
  ],
  extract,
  transform(record, { config }) {
    const document: IocDocument = {
      collection: config.COLLECTION_NAME,
      _id: record.id,
      data: record.data,
      enriched: enrichIoc(record),
      source: record.source,
    };
    return [document];
  },
  reconcile: reconcileIoc,
});

async function* extract(stepContext: IocsContext): AsyncGenerator<IocsPage> {
  const { config, log } = stepContext;
  const checkpoint = checkpointOf(config.COLLECTION_NAME, stepContext.checkpoint);
  const context = { ...stepContext, checkpoint };
  const askedAt = context.now();
  const window = planIocs(context, askedAt);
  const isForgotten = await isLastQueryForgotten(context);
  const progress: LoadProgress = { state: checkpoint, loaded: 0 };
  let gap = mergeGaps(progress.state.gap, window.gap);
  if (config.THREATFOX_BACKFILL !== undefined) {
    gap = yield* loadAsked(config.THREATFOX_BACKFILL, gap, askedAt, progress, context);
  }
  if (config.THREATFOX_API_KEY === undefined) {
    log.warn({}, "THREATFOX_API_KEY is not set: the API is not asked, the export is all that is loaded");
    return;
  }
  const filling = gap === undefined ? undefined : yield* fillGap(gap, progress, context);
  // After an outage there is enough to do: the next run will do.
  const isDue =
    gap === undefined &&
    (isForgotten
      ? config.THREATFOX_REFRESH_DAYS > 0 && progress.state.refreshed_at === undefined
      : window.days <= regularDays && isRefreshDue(progress.state, askedAt, config.THREATFOX_REFRESH_DAYS));
  if (isDue) {
    yield* refresh(progress, context);
  }
  const told = yield* query(window.days, progress, context);
  if (context.signal.aborted) {
    return;
  }

  const fault = filling && findGapFault(filling, told, config);
  const { state, loaded: total } = progress;
  const queried_at = askedAt.toISOString();
  const queried = { refreshed_at: queried_at, ...state, queried_at, days: window.days };
  // On a page of its own: it tells that everything before it is stored.
  yield { records: [], total, checkpoint: fault === undefined ? queried : { ...queried, gap: fault.gap } };
  if (filling?.range !== undefined || isDue) {
    await removeDownload(fullExportUrl(config), config);
  }
  if (fault !== undefined) {
    throw fault;
  }
}

/** Whether IOCs are stored, and nothing tells how long ago ThreatFox was asked, as with `--full`: longer than the API reaches back, perhaps. */
async function isLastQueryForgotten({ checkpoint, config, store }: IocsContext): Promise<boolean> {
  if (checkpoint?.queried_at !== undefined) {
    return false;
  }
  for await (const _ of store.find(config.COLLECTION_NAME, {}, { projection: { _id: 1 } })) {
    return true;
  }
  return false;
}

function planIocs({ checkpoint, config, log }: IocsContext, now: Date): Window {
  const queriedAt = checkpoint?.queried_at;
  const last = queriedAt === undefined ? undefined : new Date(queriedAt);
  const window = planWindow(last, now, config.QUERY_DAYS);
  if (window.isClockWrong) {
    log.warn(
      { queried_at: queriedAt, now: now.toISOString() },
      `the last query is told to lie in the future: a clock was wrong, or is. Asking for ${window.days} days, as far as the API reaches back`,
    );
  }
  return window;
}

/** What the API tells of the last days. Returns how many IOCs. */
async function* query(
  days: number,
  progress: LoadProgress,
  { config, http, signal }: IocsContext,
): AsyncGenerator<IocsPage, number> {
  const client = createThreatfoxClient({
    http,
    apiUrl: config.API_URL,
    authKey: config.THREATFOX_API_KEY ?? "",
  });
  const records = await client.getIocRecords({ days });
  progress.loaded += records.length;
  for (let start = 0; start < records.length; start += pageSize) {
    if (signal.aborted) {
      break;
    }
    yield { records: records.slice(start, start + pageSize), total: progress.loaded };
  }
  return records.length;
}
