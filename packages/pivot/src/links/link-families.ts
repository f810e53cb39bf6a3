import { platformsOfKey } from "../documents/malpedia-key.js";
import type { MalwareFamily } from "../documents/stored-family.js";
import type {
  FamilyLinks,
  FoundBy,
  LinkState,
  MalwareLink,
  RejectedLink,
  RejectionReason,
} from "../documents/stored-links.js";
import { type LinkException, linkExceptions } from "./exceptions.js";
import { type FamilyIndex, type FamilyName, indexFamilies, namesOf } from "./family-names.js";
import { indexSoftware, type NamedSoftware, type SoftwareIndex } from "./index-software.js";
import { findWeakness } from "./name-weakness.js";
import { contradict, platformsOfSoftware } from "./platforms.js";
import type { LinkableSoftware } from "./read-software.js";

/**
 * Links malware families with software of ATT&CK, by Malpedia keys and names. A name that several families or several software share links
 * nothing by itself, nor does a short or generic one; and what runs on different platforms is not the same. Pure.
 *
 * @param exceptions decided by hand. Default: those of this package
 * @returns one entry per family, in their order
 */
export function linkFamilies(
  families: readonly MalwareFamily[],
  software: readonly LinkableSoftware[],
  exceptions: readonly LinkException[] = linkExceptions,
): readonly FamilyLinks[] {
  const index = { families: indexFamilies(families), software: indexSoftware(software) };
  return families.map((family) => {
    const candidates = findCandidates(family, index, exceptions);
    const judged = [...candidates.values()].map((candidate) => judge(family, candidate));
    const { links, rejected } = choose(judged);
    return { family, state: stateOf(links, rejected), links, rejected };
  });
}

interface Indexes {
  readonly families: FamilyIndex;
  readonly software: SoftwareIndex;
}

/** One reason to believe that a family and software are the same. */
interface Evidence {
  readonly found_by: FoundBy;
  /** 1 is best: what a better rank finds makes what a worse one finds doubtful. */
  readonly rank: number;
  readonly confidence: number;
  readonly name?: string;
  /** Why it is not enough by itself. */
  readonly weakness?: RejectionReason | undefined;
}

const evidenceOf = {
  table: { found_by: "table", rank: 1, confidence: 100 },
  ownNames: { found_by: "name", rank: 2, confidence: 90 },
  key: { found_by: "key", rank: 3, confidence: 95 },
  ownName: { found_by: "alias", rank: 4, confidence: 80 },
  softwareName: { found_by: "alias", rank: 5, confidence: 75 },
  aliases: { found_by: "alias", rank: 6, confidence: 70 },
} as const;

/** What a second name adds to the confidence. */
const confidenceOfMoreNames = 5;

interface Candidate {
  readonly software: LinkableSoftware;
  readonly evidence: readonly Evidence[];
  readonly successorOf: readonly string[];
  readonly isRefused: boolean;
}

function findCandidates(
  family: MalwareFamily,
  index: Indexes,
  exceptions: readonly LinkException[],
): ReadonlyMap<string, Candidate> {
  const decided = exceptions.filter(({ malware }) => malware === family.malware);
  const candidates = new Map<string, Candidate>();
  const add = ({ software, successorOf }: NamedSoftware, evidence?: Evidence) => {
    const known = candidates.get(software.stix_id);
    candidates.set(software.stix_id, {
      software,
      evidence: [...(known?.evidence ?? []), ...(evidence === undefined ? [] : [evidence])],
      successorOf: [
        ...new Set([...(known?.successorOf ?? []), ...(successorOf === undefined ? [] : [successorOf])]),
      ],
      isRefused: decided.some(
        ({ decision, attack_id }) => decision === "refuse" && attack_id === software.attack_id,
      ),
    });
  };
  for (const { attack_id } of decided.filter(({ decision }) => decision === "link")) {
    for (const named of index.software.byAttackId(attack_id)) {
      add(named, evidenceOf.table);
    }
  }
  for (const named of index.software.byKey(family.malware)) {
    add(named, evidenceOf.key);
  }
  for (const name of namesOf(family)) {
    const owners = index.software.byName(name.folded);
    for (const named of owners) {
      add(named, judgeName(family, name, named, { owners, families: index.families }));
    }
  }
  return candidates;
}

function judgeName(
  family: MalwareFamily,
  name: FamilyName,
  named: NamedSoftware,
  { owners, families }: { readonly owners: readonly NamedSoftware[]; readonly families: FamilyIndex },
): Evidence {
  const ofFamily = name.isOwn ? evidenceOf.ownName : evidenceOf.aliases;
  const ofSoftware = name.isOwn ? evidenceOf.ownNames : evidenceOf.softwareName;
  const rivals = owners.filter(({ software, isOwn }) => {
    const isElsewhere = contradict(platformsOfKey(family.malware), platformsOfSoftware(software));
    return software !== named.software && !isElsewhere && (isOwn || !named.isOwn);
  });
  const belongsToSeveral = families.belongsToSeveral(family, name);
  return {
    ...(named.isOwn ? ofSoftware : ofFamily),
    name: name.spelled,
    weakness:
      findWeakness(name.folded) ??
      (rivals.length > 0 ? "name_of_several_software" : undefined) ??
      (belongsToSeveral ? "name_of_several_families" : undefined),
  };
}

/** A candidate by its best evidence, and why it is rejected. */
interface Judged {
  readonly candidate: Candidate;
  readonly best: Evidence | undefined;
  readonly reason: RejectionReason | undefined;
}

function judge({ malware }: MalwareFamily, candidate: Candidate): Judged {
  const { software, evidence, isRefused } = candidate;
  const best = evidence
    .filter(({ weakness }) => weakness === undefined)
    .reduce<Evidence | undefined>((one, other) => (one && one.rank <= other.rank ? one : other), undefined);
  const isByHand = best?.found_by === "table";
  const isElsewhere = contradict(platformsOfKey(malware), platformsOfSoftware(software));
  const reason =
    (isRefused ? "table" : undefined) ??
    (isElsewhere && !isByHand ? "platforms" : undefined) ??
    (software.revoked ? "revoked" : undefined) ??
    (best === undefined ? evidence[0]?.weakness : undefined);
  return { candidate, best, reason };
}

/** Of those that nothing speaks against, the ones with the best evidence are linked. */
function choose(judged: readonly Judged[]): Pick<FamilyLinks, "links" | "rejected"> {
  const possible = judged.flatMap(({ candidate, best, reason }) =>
    best === undefined || reason !== undefined ? [] : [{ candidate, best }],
  );
  const rank = Math.min(...possible.map(({ best }) => best.rank));
  const chosen = possible.filter(({ best }) => best.rank === rank);
  const areSure = chosen.length === 1 || chosen.every(({ best }) => best.found_by !== "alias");
  return {
    links: areSure ? chosen.map(({ candidate, best }) => toLink(candidate, best)) : [],
    rejected: judged.flatMap(({ candidate, best, reason }) => {
      const isBest = best?.rank === rank;
      if (reason === undefined && isBest && areSure) {
        return [];
      }
      return [toRejected(candidate, reason ?? (isBest ? "several_software" : "other_software"))];
    }),
  };
}

function stateOf(links: readonly MalwareLink[], rejected: readonly RejectedLink[]): LinkState {
  if (links.length > 0) {
    return "linked";
  }
  const isOpen = rejected.some(({ reason }) => !["table", "platforms", "revoked"].includes(reason));
  return isOpen ? "ambiguous" : "unlinked";
}

function toLink({ software, evidence, successorOf }: Candidate, best: Evidence): MalwareLink {
  const names = namesIn(evidence);
  return {
    ...identityOf(software),
    names,
    domains: software.domains,
    found_by: best.found_by,
    confidence: Math.min(100, best.confidence + (names.length > 1 ? confidenceOfMoreNames : 0)),
    deprecated: software.deprecated,
    successor_of: successorOf,
  };
}

function toRejected({ software, evidence }: Candidate, reason: RejectionReason): RejectedLink {
  return { ...identityOf(software), names: namesIn(evidence), reason };
}

const identityOf = ({ attack_id, stix_id, name }: LinkableSoftware) => ({ attack_id, stix_id, name });

const namesIn = (evidence: readonly Evidence[]) => evidence.flatMap(({ name }) => name ?? []);
