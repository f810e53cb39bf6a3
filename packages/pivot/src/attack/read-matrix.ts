import { z } from "zod";
import { type AttackDomain, answerFilterOf } from "./attack-view.js";
import { type DomainView, openDomainView } from "./domain-view.js";
import { findTactics, shortNameOf } from "./find-tactics.js";
import { findDocuments } from "./read-objects.js";

/** The ATT&CK matrix of a domain. */
export interface AttackMatrix {
  readonly domain: AttackDomain;
  /** Absent: what is current, and the upstream does not say which release that is. */
  readonly release?: string;
  /** In the order of the matrix, from reconnaissance to impact. */
  readonly tactics: readonly MatrixTactic[];
  /** By ATT&CK id: techniques and sub-techniques. */
  readonly techniques: Readonly<Record<string, MatrixTechnique>>;
}

/** A column of the matrix. */
export interface MatrixTactic {
  /** STIX id. */
  readonly id: string;
  readonly attack_id?: string | undefined;
  readonly name: string;
  /** What techniques call it, such as `initial-access`. */
  readonly short_name: string;
  /** ATT&CK ids of its techniques, without sub-techniques, by name as on ATT&CK's own pages. */
  readonly techniques: readonly string[];
}

/** A cell of the matrix. */
export interface MatrixTechnique extends Readonly<Omit<z.output<typeof storedTechnique>, "is_subtechnique">> {
  /** ATT&CK ids, in their order. Of a sub-technique: none. */
  readonly sub_techniques: readonly string[];
}

const texts = z.array(z.string()).readonly().default([]);

const storedTechnique = z.object({
  /** STIX id. */
  id: z.string(),
  attack_id: z.string(),
  name: z.string(),
  /** Its page. */
  url: z.string().optional(),
  platforms: texts,
  /** Short names. */
  tactics: texts,
  is_subtechnique: z.boolean().default(false),
  deprecated: z.boolean().default(false),
});
type StoredTechnique = Readonly<z.output<typeof storedTechnique>>;

const storedDocument = z
  .object({
    data: z.object({ objects: z.tuple([z.object({ id: z.string() })]) }),
    enriched: z.record(z.string(), z.unknown()),
  })
  .transform(({ data, enriched }) => ({ ...enriched, id: data.objects[0].id }))
  .pipe(storedTechnique);

const projection = {
  "data.objects.id": 1,
  ...Object.fromEntries(
    Object.keys(storedTechnique.omit({ id: true }).shape).map((name) => [`enriched.${name}`, 1 as const]),
  ),
} as const;

/**
 * The matrix of a domain, as current or as of a stored release. Reads its tactics, its techniques and few fields of each.
 *
 * @throws UnknownReleaseError where the view asks for a release that is not stored
 */
export async function readMatrix(view: DomainView): Promise<AttackMatrix> {
  const { release, shown } = await openDomainView(view);
  const techniques = await readTechniques(shown);
  const parents = [...techniques.values()].filter(({ is_subtechnique }) => !is_subtechnique);
  const tactics = (await findTactics(shown)).flatMap((tactic) => {
    const { id, attack_id, name } = tactic;
    const short_name = shortNameOf(tactic);
    return short_name === undefined
      ? []
      : [{ id, attack_id, name: name ?? short_name, short_name, techniques: namesOf(parents, short_name) }];
  });
  return {
    domain: view.domain,
    ...(release !== undefined && { release }),
    tactics,
    techniques: Object.fromEntries(
      [...techniques].map(([attackId, technique]) => [attackId, toCell(technique, techniques)]),
    ),
  };
}

/** By ATT&CK id, in the order of their ids. */
async function readTechniques(view: DomainView): Promise<ReadonlyMap<string, StoredTechnique>> {
  const found: StoredTechnique[] = [];
  const values = { field: "enriched.type", values: ["attack-pattern"] };
  for await (const document of findDocuments(view, values, answerFilterOf(view), projection)) {
    const technique = storedDocument.safeParse(document);
    if (technique.success) {
      found.push(technique.data);
    }
  }
  const sorted = found.sort((one, other) => (one.attack_id < other.attack_id ? -1 : 1));
  return new Map(sorted.map((technique) => [technique.attack_id, technique]));
}

const byName = new Intl.Collator("en");

function namesOf(parents: readonly StoredTechnique[], tactic: string): readonly string[] {
  return parents
    .filter(({ tactics }) => tactics.includes(tactic))
    .sort((one, other) => byName.compare(one.name, other.name))
    .map(({ attack_id }) => attack_id);
}

function toCell(
  { is_subtechnique, ...technique }: StoredTechnique,
  all: ReadonlyMap<string, StoredTechnique>,
): MatrixTechnique {
  // `T1059.001` is a sub-technique of `T1059`.
  const start = `${technique.attack_id}.`;
  const sub_techniques = is_subtechnique ? [] : [...all.keys()].filter((id) => id.startsWith(start));
  return { ...technique, sub_techniques };
}
