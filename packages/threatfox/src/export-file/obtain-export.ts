import { createHash } from "node:crypto";
import { rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type HttpClient, HttpStatusError, isUrl, makeFolder } from "@cti-connectors/core";
import { adviseOnKey } from "../client/query-threatfox.js";
import { authorizeExportUrl, fullExportUrl, hideExportKey, recentExportUrl } from "../config/export-urls.js";
import { settingNames, type ThreatfoxConfig } from "../config/threatfox-config.js";
import { ExportFileError, type ExportIdentity, type ExportProgress } from "./export-file.js";
import { followProgress, type ProgressPage } from "./follow-progress.js";

/** An export that lies on this machine. */
export interface ObtainedExport {
  readonly file: string;
  readonly identity: ExportIdentity & Pick<ExportProgress, "downloaded_at">;
}

/** Where downloads are kept until they are loaded. */
interface DownloadPlace {
  readonly config: Pick<ThreatfoxConfig, "THREATFOX_DOWNLOAD_DIR">;
  /** Where no folder for downloads is set: they are in `downloads` there. */
  readonly filesFolder: string;
}

export interface ObtainOptions extends DownloadPlace {
  readonly http: HttpClient;
  readonly config: ThreatfoxConfig;
  /** What was loaded last and did not come to its end. */
  readonly previous: ExportProgress | undefined;
  /** `version` of a download that is not wanted again. */
  readonly known?: string | undefined;
  readonly now: () => Date;
}

/** After this time the API may not reach back to a download any more, so that it is made again. */
const longestKeptMs = 24 * 3_600_000;

/**
 * Finds a file, or downloads a URL, and tells how far the download is. What a run downloaded before it was stopped is
 * taken again for a day.
 *
 * @param source path or URL
 * @returns undefined where the upstream still has the download that is `known`
 * @throws ExportFileError where there is no such file; HttpStatusError, HttpConnectionError; what the file system throws
 */
export async function* obtainExport(
  source: string,
  options: ObtainOptions,
): AsyncGenerator<ProgressPage, ObtainedExport | undefined> {
  return isUrl(source) ? yield* downloadExport(source, options) : await findFile(source);
}

async function findFile(path: string): Promise<ObtainedExport> {
  const file = resolve(path);
  const found = await stat(file).catch((error: unknown) => {
    throw new ExportFileError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  });
  return {
    file,
    identity: { place: file, bytes: found.size, version: found.mtime.toISOString() },
  };
}

async function* downloadExport(
  url: string,
  { http, config, filesFolder, previous, known, now }: ObtainOptions,
): AsyncGenerator<ProgressPage, ObtainedExport | undefined> {
  const place = hideExportKey(url);
  const file = downloadOf(url, { config, filesFolder });
  if (previous?.place === place && (await isUsable(file, previous, now()))) {
    return { file, identity: previous };
  }
  try {
    await makeFolder(dirname(file));
    const target = authorizeExportUrl(url, config.API_URL, config.THREATFOX_API_KEY);
    const part = `${file}.part`;
    const download = yield* followProgress((onProgress) =>
      http.download(target, {
        file: part,
        onProgress,
        urlSetting: settingOf(url, config),
        ifNoneMatch: isEntityTag(known) ? known : undefined,
      }),
    );
    if (download.notModified) {
      await rm(part, { force: true });
      return undefined;
    }
    await rename(part, file);
    const { bytes, validators } = download;
    const downloaded_at = now().toISOString();
    const version = validators.etag ?? validators.lastModified ?? `downloaded ${downloaded_at}`;
    return { file, identity: { place, bytes, version, downloaded_at } };
  } catch (error) {
    throw explain(error);
  }
}

/** Takes away what `obtainExport` keeps for a run that goes on. */
export async function removeDownload(source: string, place: DownloadPlace): Promise<void> {
  if (isUrl(source)) {
    await rm(downloadOf(source, place), { force: true });
  }
}

function downloadOf(url: string, { config, filesFolder }: DownloadPlace): string {
  const { hostname } = new URL(url);
  const name = createHash("sha256").update(hideExportKey(url)).digest("hex").slice(0, 16);
  return join(config.THREATFOX_DOWNLOAD_DIR ?? join(filesFolder, "downloads"), `${hostname}-${name}.export`);
}

async function isUsable(
  file: string,
  { bytes, downloaded_at = "" }: ExportProgress,
  now: Date,
): Promise<boolean> {
  const ageMs = Math.abs(now.getTime() - Date.parse(downloaded_at));
  const found = await stat(file).catch(() => undefined);
  return ageMs <= longestKeptMs && found?.size === bytes;
}

/** RFC 9110, section 8.8.3. A version can be a date, too. */
function isEntityTag(version: string | undefined): version is string {
  return version !== undefined && /^(?:W\/)?"/u.test(version);
}

function settingOf(url: string, config: ThreatfoxConfig): string {
  switch (url) {
    case fullExportUrl(config):
      return "THREATFOX_EXPORT_URL";
    case recentExportUrl(config):
      return "THREATFOX_RECENT_URL";
    default:
      return "THREATFOX_BACKFILL or --backfill";
  }
}

function explain(error: unknown): unknown {
  return error instanceof HttpStatusError && (error.status === 401 || error.status === 403)
    ? new ExportFileError(`${error.message} (${adviseOnKey(settingNames.authKey)})`, { cause: error })
    : error;
}
