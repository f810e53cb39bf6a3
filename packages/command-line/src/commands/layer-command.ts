import { baseConfig, type OutdatedCollection, parseConfig, type Store } from "@cti-connectors/core/host";
import { UnknownReleaseError } from "@cti-connectors/mitre-taxii";
import {
  type AttackDomain,
  createChangesLayer,
  createIocsLayer,
  createUsageLayer,
  findLayerSubjects,
  findUsageDomain,
  LayerSubjectError,
  type NavigatorLayer,
} from "@cti-connectors/pivot";
import { threatfoxConfig } from "@cti-connectors/threatfox";
import { answerFromStore } from "../database/answer-from-store.js";
import { outputFile } from "../files/output-file.js";
import { writeWholeFile } from "../files/write-whole-file.js";
import { type ExitStatus, exitStatus, UsageError } from "../process/exit-status.js";
import type { Terminal } from "../process/terminal.js";
import type { Surroundings } from "../settings/surroundings.js";
import { formatCount } from "../text/format.js";
import { sayOutdated } from "./say-outdated.js";

export const domainChoices = ["enterprise", "mobile", "ics"] as const;

export interface LayerOptions {
  /** Releases to compare, such as 17.1. */
  readonly from?: string;
  readonly to?: string;
  readonly iocsSince?: Date;
  /** What the software of groups and campaigns uses, too. */
  readonly software?: boolean;
  readonly domain?: (typeof domainChoices)[number];
  readonly release?: string;
  /** A file; absent or `-`: standard output. */
  readonly output?: string;
}

/**
 * Writes a layer for the ATT&CK Navigator: of what groups, software, campaigns and malware families use, of what changed between two releases,
 * or of the techniques of malware with recent IOCs.
 *
 * @returns `failed` if there is nothing to show; then nothing is written
 * @throws UsageError where options do not fit, a name is unknown, a release is not stored, or the file cannot be written
 * @throws ConfigError where settings are wrong
 * @throws StoreConnectionError, DatabaseInUseError where the database cannot be used
 * @throws Error where no ATT&CK is stored
 */
export async function layerCommand(
  terms: readonly string[],
  options: LayerOptions,
  surroundings: Surroundings,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { environment, folder, command } = surroundings;
  const create = chooseLayer(terms, options);
  const { COLLECTION_NAME: iocs } = parseConfig(threatfoxConfig.pick({ COLLECTION_NAME: true }), environment);
  const file = outputFile(options.output, folder, "layer.json");
  const settings = parseConfig(baseConfig, environment);
  try {
    return await answerFromStore(
      { settings, surroundings, terminal, access: "read" },
      async ({ store, place }, signal) => {
        if (!(await store.reader.exists("objects", {}))) {
          throw new Error(`No ATT&CK is stored in the ${place}. Load it first: ${command} run mitre-taxii`);
        }
        const { outdated = [] } = await sayOutdated(sources, store, surroundings, terminal);
        const { layer, notes } = await create({ store, iocs, command });
        for (const note of notes) {
          terminal.say(note);
        }
        if (layer === undefined || layer.techniques.length === 0) {
          return exitStatus.failed;
        }
        const text = JSON.stringify(noteOutdated(layer, outdated), null, 2);
        if (file === undefined) {
          terminal.print(text);
        } else {
          await writeWholeFile(file, [text, "\n"], signal);
          terminal.say(`Wrote ${file}: ${formatCount(layer.techniques.length, "technique")}.`);
        }
        return exitStatus.ok;
      },
    );
  } catch (error) {
    const isUsage = error instanceof UnknownReleaseError || error instanceof LayerSubjectError;
    throw isUsage ? new UsageError(error.message, { cause: error }) : error;
  }
}

/** What layers are made of. */
const sources = ["mitre-taxii", "malware-links"];

/** A layer is handed on: it says itself what it may lack. */
function noteOutdated(layer: NavigatorLayer, outdated: readonly OutdatedCollection[]): NavigatorLayer {
  const notes = outdated.map(({ collection, lacks = "" }) => ({
    name: `incomplete: documents of an older version in ${collection}`,
    value: lacks === "" ? "upgrade them and make this layer again" : `it may lack ${lacks}`,
  }));
  return { ...layer, metadata: [...layer.metadata, ...notes] };
}

/** Where layers are made from. */
interface LayerSource {
  readonly store: Pick<Store, "reader">;
  /** The collection of IOCs. */
  readonly iocs: string;
  /** How the program is started. */
  readonly command: string;
}

interface MadeLayer {
  readonly layer: NavigatorLayer | undefined;
  /** What a reader must know: why there is nothing to show, or what is missing. */
  readonly notes: readonly string[];
}

/** @throws UsageError unless exactly one kind of layer is asked for, with options that belong to it */
function chooseLayer(
  terms: readonly string[],
  options: LayerOptions,
): (source: LayerSource) => Promise<MadeLayer> {
  const { from, to, iocsSince, software, release } = options;
  const isComparison = from !== undefined || to !== undefined;
  const kinds = [terms.length > 0, isComparison, iocsSince !== undefined].filter(Boolean).length;
  if (kinds !== 1) {
    throw new UsageError(
      "A layer shows one thing: name groups, software, campaigns or malware families; or give --from and --to; or --iocs-since.",
    );
  }
  if (isComparison && release !== undefined) {
    throw new UsageError("--release does not fit --from and --to, which name the releases.");
  }
  if (software && terms.length === 0) {
    throw new UsageError("--software adds the software of groups and campaigns: name some.");
  }
  if (iocsSince !== undefined) {
    return (source) => showIocs(source, iocsSince, options);
  }
  return isComparison
    ? (source) => showChanges(source, options)
    : (source) => showUsage(source, terms, options);
}

async function showUsage(
  { store, command }: LayerSource,
  terms: readonly string[],
  { release, software = false, ...options }: LayerOptions,
): Promise<MadeLayer> {
  const view = { store: store.reader, ...(release !== undefined && { release }) };
  const subjects = await findLayerSubjects({ store: store.reader }, terms);
  const domain =
    domainOf(options) ?? (await findUsageDomain(view, subjects, { software })) ?? "enterprise-attack";
  const layer = await createUsageLayer({ ...view, domain }, subjects, { software });
  const shown = new Set(layer.techniques.flatMap(({ metadata = [] }) => metadata.map(({ value }) => value)));
  const notes = subjects
    .map(({ id, name, objects }) => ({ label: `${name} (${id})`, id, isLinked: objects.length > 0 }))
    .filter(({ label }) => !shown.has(label))
    .map(({ label, id, isLinked }) =>
      isLinked
        ? `${label} uses no technique in ${nameDomain(domain)} ATT&CK.`
        : `${label} is not linked with ATT&CK software: ${command} links ${id} says why.`,
    );
  return { layer, notes };
}

async function showChanges({ store, command }: LayerSource, options: LayerOptions): Promise<MadeLayer> {
  const { from, to } = options;
  const domain = domainOf(options);
  const layer = await createChangesLayer(store.reader, {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(domain !== undefined && { domain }),
  });
  if (layer === undefined) {
    const where = domain === undefined ? "ATT&CK" : `${nameDomain(domain)} ATT&CK`;
    const note = `There are no two releases of ${where} to compare: ${command} changes says what is stored.`;
    return { layer, notes: [note] };
  }
  const isSame = layer.techniques.length === 0;
  return { layer, notes: isSame ? [`No technique changed: ${layer.name}.`] : [] };
}

async function showIocs(
  { store, iocs, command }: LayerSource,
  since: Date,
  options: LayerOptions,
): Promise<MadeLayer> {
  const { release } = options;
  const domain = domainOf(options) ?? "enterprise-attack";
  const view = { store: store.reader, domain, ...(release !== undefined && { release }) };
  const layer = await createIocsLayer(view, { since, iocs });
  const none = `No IOC first seen since ${since.toISOString()} is of a malware family that ${nameDomain(domain)} ATT&CK describes. ${command} status says how old the IOCs are, ${command} links which families are linked.`;
  return { layer, notes: layer.techniques.length === 0 ? [none] : [] };
}

function domainOf({ domain }: LayerOptions): AttackDomain | undefined {
  return domain === undefined ? undefined : `${domain}-attack`;
}

const names = { "enterprise-attack": "Enterprise", "mobile-attack": "Mobile", "ics-attack": "ICS" } as const;

function nameDomain(domain: AttackDomain): string {
  return names[domain];
}
