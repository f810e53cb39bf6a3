import { foldName } from "@cti-connectors/core";
import { withoutPlatform } from "./platforms.js";
import type { LinkableSoftware } from "./read-software.js";

/** Software that a name leads to. */
export interface NamedSoftware {
  /** Never revoked, unless what takes its place is not stored. */
  readonly software: LinkableSoftware;
  /** False for an alias. */
  readonly isOwn: boolean;
  /** The ATT&CK id of revoked software that has the name, too. */
  readonly successorOf?: string;
}

/** Software by what families know it by. */
export interface SoftwareIndex {
  /** Software with a name, folded: each once. Deprecated software only where no other has the name. */
  byName(folded: string): readonly NamedSoftware[];
  /** Software that refers to the page of a family on Malpedia. */
  byKey(malware: string): readonly NamedSoftware[];
  /** Software with an ATT&CK id. */
  byAttackId(attackId: string): readonly NamedSoftware[];
}

/** Reads the names of all software, and follows what is revoked. */
export function indexSoftware(software: readonly LinkableSoftware[]): SoftwareIndex {
  const stored = new Map(software.map((one) => [one.stix_id, one]));
  const entries = software.flatMap((one) => {
    const successor = findSuccessor(one, stored);
    const found = {
      software: successor,
      ...(successor !== one && { successorOf: one.attack_id }),
    };
    return [
      ...[one.name, ...one.aliases].map((name, index) => ({
        key: `name ${foldName(withoutPlatform(name))}`,
        named: { ...found, isOwn: index === 0 },
      })),
      ...one.malpedia_keys.map((key) => ({ key: `key ${key}`, named: { ...found, isOwn: true } })),
      { key: `id ${one.attack_id}`, named: { ...found, isOwn: true } },
    ];
  });
  const index = new Map<string, NamedSoftware[]>();
  for (const { key, named } of entries) {
    index.set(key, [...(index.get(key) ?? []), named]);
  }
  const find = (key: string) => withoutRepeats(index.get(key) ?? []);
  return {
    byName: (folded) => find(`name ${folded}`),
    byKey: (malware) => find(`key ${malware}`),
    byAttackId: (attackId) => find(`id ${attackId}`),
  };
}

/** Follows `revoked_by`, also over several steps. */
function findSuccessor(
  software: LinkableSoftware,
  stored: ReadonlyMap<string, LinkableSoftware>,
): LinkableSoftware {
  const seen = new Set([software]);
  let current = software;
  while (current.revoked) {
    const next = stored.get(current.revoked_by ?? "");
    if (next === undefined || seen.has(next)) {
      return current;
    }
    seen.add(next);
    current = next;
  }
  return current;
}

/** Each software once, by its best name; deprecated software only if there is no other. */
function withoutRepeats(found: readonly NamedSoftware[]): readonly NamedSoftware[] {
  const best = new Map<string, NamedSoftware>();
  for (const named of found) {
    const { stix_id } = named.software;
    const known = best.get(stix_id);
    const successorOf = known?.successorOf ?? named.successorOf;
    const better = known === undefined || rankOf(named) < rankOf(known) ? named : known;
    best.set(stix_id, { ...better, ...(successorOf !== undefined && { successorOf }) });
  }
  const unique = [...best.values()];
  const current = unique.filter(({ software }) => !(software.deprecated || software.revoked));
  return current.length > 0 ? current : unique;
}

/** What software is called now tells more than what its predecessor was called. */
function rankOf({ isOwn, successorOf }: NamedSoftware): number {
  return Number(!isOwn) + 2 * Number(successorOf !== undefined);
}
