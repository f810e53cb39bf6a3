import type { LookupAnswer } from "../lookup/look-up.js";
import type { ShortAnswer } from "../lookup/look-up-many.js";

/** What `lookUpMany` should say of a term, according to the answer of `lookUp`. */
export function shortenAnswer(answer: LookupAnswer): ShortAnswer {
  const { term, read_as, found, iocs, families, attack, vulnerability } = answer;
  const own = new Set(attack.map(({ object }) => object.attack_id));
  const used = new Set(attack.flatMap(({ software }) => software.map(({ attack_id }) => attack_id)));
  const isOnlyUsed = (ids: readonly string[]) =>
    ids.some((id) => used.has(id)) && !ids.some((id) => own.has(id));
  const [newest] = iocs.newest;
  return inOrder({
    term,
    read_as,
    found,
    iocs: {
      total: iocs.total,
      total_is_exact: iocs.total_is_exact,
      ...(newest !== undefined && { newest: briefly(newest) }),
    },
    families: families
      .filter(({ links }) => !isOnlyUsed(links.map(({ attack_id }) => attack_id)))
      .map(({ malware, name }) => ({ malware, name })),
    attack: attack.map(({ object: { id, attack_id, name, type } }) => ({ id, attack_id, name, type })),
    ...(vulnerability !== undefined && { vulnerability }),
  });
}

function briefly({
  value,
  malware,
  confidence,
  first_seen,
  last_seen,
  expired,
}: LookupAnswer["iocs"]["newest"][number]) {
  return { value, malware, confidence, first_seen, last_seen, expired };
}

/** Families and objects in one order, to compare answers. */
export function inOrder(answer: ShortAnswer): ShortAnswer {
  return {
    ...answer,
    families: [...answer.families].sort((one, other) => one.malware.localeCompare(other.malware)),
    attack: [...answer.attack].sort((one, other) => one.id.localeCompare(other.id)),
  };
}
