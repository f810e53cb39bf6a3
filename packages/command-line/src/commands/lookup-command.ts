import { readDataState } from "@cti-connectors/core/host";
import { type LookupAnswer, lookUp, parseTerm } from "@cti-connectors/pivot";
import { renderLookup } from "../cards/render-lookup.js";
import { answerFromStore } from "../database/answer-from-store.js";
import { type ExitStatus, exitStatus, UsageError } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import { findCollections } from "../settings/find-collections.js";
import { readSettings } from "../settings/read-settings.js";
import type { Surroundings } from "../settings/surroundings.js";
import { paintFor } from "../text/paint.js";
import { widthFor } from "../text/width.js";
import { type LookupBatchOptions, lookupBatch } from "./lookup-batch.js";

export interface LookupOptions extends Partial<LookupBatchOptions> {
  readonly json?: boolean;
  /** Show people whole lists. */
  readonly all?: boolean;
}

/** How many IOCs people see of a term, and programs get. */
const shownIocs = 5;
const mostIocs = 1_000;

/**
 * Shows what is stored about indicators, ids and names: a few terms, or a batch.
 *
 * @returns `failed` if nothing was found for any of them
 * @throws UsageError where options do not fit, a term is empty, or the batch cannot be read
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 */
export async function lookupCommand(
  terms: readonly string[],
  { json = false, all = false, ...batch }: LookupOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { connectors, command, environment, redact } = surroundings;
  const file = checkOptions(terms, { json, all, ...batch });
  const { base, connectors: configured } = readSettings(connectors, environment);
  const from = { settings: base, surroundings, terminal };
  if (file !== undefined) {
    return lookupBatch({ ...batch, batch: file }, findCollections(configured), from);
  }
  return answerFromStore({ ...from, access: "read" }, async ({ store, place }) => {
    const answers: LookupAnswer[] = [];
    for (const term of terms) {
      const limit = json || all ? mostIocs : shownIocs;
      answers.push(await lookUp({ store: store.reader, ...findCollections(configured) }, term, { limit }));
    }
    const searched = await Promise.all(configured.map((connector) => readDataState(store, connector)));
    const text = () =>
      renderLookup(answers, {
        searched,
        place: redact(place),
        command,
        all,
        now: new Date(),
        paint: paintFor(process.stdout),
        width: widthFor(process.stdout),
      });
    // What is stored holds no secret of ours, and an address of malware may look like one.
    terminal.print(json ? JSON.stringify({ answers, searched }) : text());
    return answers.some(({ found }) => found) ? exitStatus.ok : exitStatus.failed;
  });
}

/** @returns the file of a batch */
function checkOptions(
  terms: readonly string[],
  { json, all, batch, column, format, subdomains }: LookupOptions,
): string | undefined {
  if (terms.length > 0 === (batch !== undefined)) {
    throw new UsageError(
      batch === undefined
        ? "Say what to look up: one or several terms, or --batch with a file or - for standard input."
        : "--batch reads its values from the file: give either terms or --batch.",
    );
  }
  if (batch !== undefined && (json || all)) {
    throw new UsageError("--json and --all are for terms: --batch writes NDJSON, or CSV with --format csv.");
  }
  if (batch === undefined && (column !== undefined || format !== undefined || subdomains)) {
    throw new UsageError("--column, --format and --subdomains are for --batch.");
  }
  const nothing = terms.find((term) => parseTerm(term).readings.length === 0);
  if (nothing !== undefined) {
    throw new UsageError(
      `${JSON.stringify(nothing)} is nothing to look up: give an IP address, network, domain, URL, hash, e-mail address, ATT&CK, STIX, CVE or ThreatFox id, Malpedia key, or name.`,
    );
  }
  return batch;
}
