import { HttpConnectionError, type OpenContext } from "@cti-connectors/core";
import { isBeyondAccess } from "../config/http-access.js";
import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";
import type { Discovery } from "../taxii/discovery.js";
import { isNoResource } from "../taxii/refusals.js";
import type { TaxiiApiRoot } from "../taxii/taxii-api-root.js";
import type { TaxiiClient } from "../taxii/taxii-client.js";
import { TaxiiError } from "../taxii/taxii-error.js";
import type { OpenedRoot } from "./open-current-release.js";
import { findPinnedReleases } from "./select-releases.js";

type DefaultRoot = Pick<OpenedRoot, "root" | "pinsReleases" | "listed">;

/**
 * Finds the API root to load and its collections. Two requests: discovery (or API root) and collections; one more where discovery names a
 * default that it does not list, and that does not answer.
 *
 * @throws TaxiiError and HttpConnectionError which say that discovery named the root
 */
export async function openDefaultRoot(
  context: OpenContext<MitreTaxiiConfig>,
  client: TaxiiClient,
): Promise<DefaultRoot> {
  const found = await client.discover();
  if (found.kind === "api-root") {
    const root = client.root(found.url);
    return { root, pinsReleases: false, listed: await root.collections() };
  }
  const pinsReleases = findPinnedReleases(found.apiRoots).length > 0;
  const open = async (url: string): Promise<DefaultRoot> => {
    const root = client.root(url);
    warnOfAccess(context, root);
    return { root, pinsReleases, listed: await root.collections() };
  };
  try {
    return await open(found.defaultRoot);
  } catch (error) {
    const other = found.apiRoots.find((url) => url !== found.defaultRoot);
    if (found.isDefaultListed || other === undefined || !isDead(error)) {
      throw explainListedRoot(context.config, found, found.defaultRoot, error);
    }
    context.log.warn(
      { url: found.defaultRoot, reason: error.message },
      `the default API root of ${found.url} is not in its list of API roots and does not answer: loading ${other} instead`,
    );
    return open(other).catch((cause: unknown) => {
      throw explainListedRoot(context.config, found, other, cause);
    });
  }
}

/** Whether nothing that can be loaded is at the address of an API root. */
export function isDead(error: unknown): error is TaxiiError | HttpConnectionError {
  if (error instanceof HttpConnectionError) {
    return true;
  }
  if (!(error instanceof TaxiiError)) {
    return false;
  }
  const { answeredHtml, httpStatus = 0 } = error;
  return (
    isNoResource(error) || (answeredHtml && httpStatus < 500 && httpStatus !== 401 && httpStatus !== 403)
  );
}

function warnOfAccess({ config, log }: OpenContext<MitreTaxiiConfig>, { url }: TaxiiApiRoot): void {
  if (!isBeyondAccess(config, url)) {
    return;
  }
  log.warn(
    { url },
    `credentials and certificates are not sent to the API root ${url}, because its origin differs from that of MITRE_TAXII_URL: if you trust it, set MITRE_TAXII_URL to it`,
  );
}

/** Discovery often names the address by which the server knows itself, behind a proxy. */
function explainListedRoot(
  { MITRE_TAXII_URL }: MitreTaxiiConfig,
  { url: discoveryUrl }: Discovery,
  root: string,
  error: unknown,
): unknown {
  if (!isDead(error)) {
    return error;
  }
  const isElsewhere = new URL(root).origin !== new URL(MITRE_TAXII_URL).origin;
  const guess = isElsewhere ? `, such as ${new URL(new URL(root).pathname, MITRE_TAXII_URL).href}` : "";
  const advice = `discovery (${discoveryUrl}) names this API root: if you cannot reach that address from here, set MITRE_TAXII_URL to the API root's own address${guess}`;
  if (error instanceof HttpConnectionError) {
    if (!isElsewhere) {
      return error;
    }
    const { message, url, code, retryable } = error;
    return new HttpConnectionError(message, url, code, retryable, { advice, cause: error });
  }
  const { request, url, title, description, httpStatus, errorCode, errorId, answeredHtml } = error;
  return new TaxiiError({
    ...{ request, url, title, httpStatus, errorCode, errorId, answeredHtml },
    description: description === undefined ? advice : `${description}; ${advice}`,
    cause: error,
  });
}
