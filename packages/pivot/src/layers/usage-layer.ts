import type { AttackDomain, AttackView } from "../attack/attack-view.js";
import {
  attackDomains,
  type DomainView,
  domainNames,
  openDomainView,
  readAsCurrent,
} from "../attack/domain-view.js";
import type { AttackRelationship } from "../attack/find-related.js";
import { findTechniquesOf, type UsesOptions } from "../attack/find-uses.js";
import type { AttackObject } from "../documents/attack-object.js";
import { distinctColours, heatGradient, legendItemOf } from "./colours.js";
import type { LayerSubject } from "./layer-subject.js";
import {
  composeLayer,
  type LayerGradient,
  type LayerLink,
  type LayerTechnique,
  type LegendItem,
  linkToTechnique,
  type NavigatorLayer,
} from "./navigator-layer.js";
import { toPlainText } from "./plain-text.js";

/** A technique, and who uses it. */
interface UsedTechnique {
  readonly technique: AttackObject;
  readonly uses: readonly Use[];
}

interface Use {
  readonly subject: LayerSubject;
  readonly relationships: readonly AttackRelationship[];
}

/**
 * A layer of the techniques that groups, software, campaigns and malware families use. What only one of them uses has its colour. The score is
 * the number of those that use a technique; what several use has the gradient's colour.
 *
 * @param options `campaigns`: default yes, as on the groups' pages at attack.mitre.org
 * @throws UnknownReleaseError where the view asks for a release that is not stored
 */
export async function createUsageLayer(
  view: DomainView,
  subjects: readonly LayerSubject[],
  options: UsesOptions = {},
): Promise<NavigatorLayer> {
  const { release, shown } = await openDomainView(view);
  const used = await findUsed(shown, subjects, options);
  const colours = new Map(
    distinctColours(subjects.length).map((colour, index) => [subjects[index], colour] as const),
  );
  const gradient = gradientOf(subjects, colours);
  return composeLayer({
    name: nameSubjects(subjects),
    domain: view.domain,
    release,
    description: describe(view.domain, subjects),
    techniques: used.map((each) => annotate(each, colours)),
    gradient,
    legendItems: [
      ...subjects.map((subject) => ({
        label: `${subjects.length === 1 ? "used by" : "only"} ${nameSubject(subject)}`,
        color: colours.get(subject) ?? "",
      })),
      ...legendOfOverlaps(used, subjects.length, gradient),
    ],
    metadata: subjects.map((subject) => ({
      name: nameSubject(subject),
      value: `${used.filter(({ uses }) => uses.some((use) => use.subject === subject)).length} techniques`,
    })),
    links: subjects.flatMap(linkTo),
  });
}

/**
 * The domain that a layer of some subjects is best made for: the first of Enterprise, Mobile and ICS in which each of them uses techniques; if
 * there is none, the first in which any does.
 *
 * @returns undefined where no subject uses any technique
 */
export async function findUsageDomain(
  view: AttackView,
  subjects: readonly LayerSubject[],
  options: UsesOptions = {},
): Promise<AttackDomain | undefined> {
  const counts: { readonly domain: AttackDomain; readonly users: number }[] = [];
  for (const domain of attackDomains) {
    const shown = await readAsCurrent({ ...view, domain });
    const used = await findUsed(shown, subjects, options);
    const users = new Set(used.flatMap(({ uses }) => uses.map(({ subject }) => subject))).size;
    if (users === subjects.length) {
      return domain;
    }
    counts.push({ domain, users });
  }
  return counts.find(({ users }) => users > 0)?.domain;
}

async function findUsed(
  view: DomainView,
  subjects: readonly LayerSubject[],
  { campaigns = true, software = false }: UsesOptions,
): Promise<readonly UsedTechnique[]> {
  const used = new Map<string, { readonly technique: AttackObject; readonly uses: Use[] }>();
  for (const subject of subjects) {
    const found = await findTechniquesOf(view, subject.objects, { campaigns, software });
    for (const { object, relationships } of found) {
      const known = used.get(object.id) ?? { technique: object, uses: [] };
      known.uses.push({ subject, relationships });
      used.set(object.id, known);
    }
  }
  return [...used.values()].filter(({ technique }) => technique.attack_id !== undefined);
}

function annotate(
  { technique, uses }: UsedTechnique,
  colours: ReadonlyMap<LayerSubject | undefined, string>,
): LayerTechnique {
  const { attack_id = "" } = technique;
  const [only, ...others] = uses;
  const color = others.length === 0 ? colours.get(only?.subject) : undefined;
  return {
    techniqueID: attack_id,
    score: uses.length,
    ...(color !== undefined && { color }),
    comment: uses.map(describeUse).join("\n\n"),
    metadata: uses.map(({ subject }) => ({ name: "used by", value: nameSubject(subject) })),
    links: [...linkToTechnique(technique), ...uses.flatMap(({ subject }) => linkTo(subject))],
  };
}

/** Names the subject, and quotes what ATT&CK says of its use, or of that of its software and campaigns. */
function describeUse({ subject, relationships }: Use): string {
  const quotes = relationships.flatMap(({ description }) =>
    description === undefined ? [] : [toPlainText(description)],
  );
  return [`${nameSubject(subject)}:`, ...quotes].join(" ");
}

function gradientOf(
  subjects: readonly LayerSubject[],
  colours: ReadonlyMap<LayerSubject | undefined, string>,
): LayerGradient {
  const [only, ...others] = subjects;
  return others.length === 0
    ? { colors: ["#ffffff", colours.get(only) ?? "#ffffff"], minValue: 0, maxValue: 1 }
    : heatGradient(1, subjects.length);
}

function legendOfOverlaps(
  used: readonly UsedTechnique[],
  subjects: number,
  gradient: LayerGradient,
): readonly LegendItem[] {
  const scores = [...new Set(used.map(({ uses }) => uses.length))].filter((score) => score > 1);
  return scores
    .sort((one, other) => one - other)
    .map((score) => legendItemOf(gradient, score, `used by ${score} of ${subjects}`));
}

const mostNames = 4;

function nameSubjects(subjects: readonly LayerSubject[]): string {
  const names = subjects.map(nameSubject);
  return names.length <= mostNames
    ? names.join(", ")
    : `${names.slice(0, mostNames - 1).join(", ")} and ${names.length - mostNames + 1} more`;
}

function describe(domain: AttackDomain, subjects: readonly LayerSubject[]): string {
  const names = `${domainNames[domain]} techniques used by ${subjects.map(nameSubject).join(", ")}.`;
  return subjects.length === 1 ? names : `${names} The score is how many of them use a technique.`;
}

function nameSubject({ id, name }: Pick<LayerSubject, "id" | "name">): string {
  return `${name} (${id})`;
}

function linkTo(subject: LayerSubject): readonly LayerLink[] {
  return subject.url === undefined ? [] : [{ label: nameSubject(subject), url: subject.url }];
}
