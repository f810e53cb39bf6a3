import { foldName } from "@cti-connectors/core";
import type { AttackView } from "../attack/attack-view.js";
import { findObjects, findObjectsByName } from "../attack/find-objects.js";
import { findSimilarNames } from "../attack/find-similar-names.js";
import { followRevoked } from "../attack/follow-revoked.js";
import { userTypes } from "../attack/object-types.js";
import type { AttackObject } from "../documents/attack-object.js";
import { type FoundFamily, findFamilies } from "../links/find-families.js";

/** Whose techniques a layer shows: a group, software, a campaign, or a malware family. */
export interface LayerSubject {
  /** ATT&CK id, or the Malpedia key of a family. */
  readonly id: string;
  readonly name: string;
  readonly url?: string | undefined;
  /** The object itself, or the software that the family is: none if it is not linked. */
  readonly objects: readonly AttackObject[];
}

/** A term names nothing that a layer can show, or several such things. */
export class LayerSubjectError extends Error {
  override readonly name = "LayerSubjectError";
}

/**
 * The groups, software, campaigns and malware families that terms name: by ATT&CK id, STIX id, Malpedia key, name or alias. What is revoked is
 * replaced by its successor. A name of both an object of ATT&CK and a family is that of the object.
 *
 * @throws LayerSubjectError for a term that names none, with names that are like it, or that names several
 */
export async function findLayerSubjects(
  view: AttackView,
  terms: readonly string[],
): Promise<readonly LayerSubject[]> {
  const subjects = new Map<string, LayerSubject>();
  for (const term of terms) {
    const subject = await findSubject(view, term.trim());
    subjects.set(subject.id, subject);
  }
  return [...subjects.values()];
}

async function findSubject(view: AttackView, term: string): Promise<LayerSubject> {
  const [object, ...others] = await findUsersCalled(view, term);
  if (object !== undefined && others.length === 0) {
    return subjectOf(object);
  }
  if (object !== undefined) {
    throw ambiguous(term, [object, ...others].map(subjectOf));
  }
  const [family, ...more] = await findFamiliesCalled(view, term);
  if (family === undefined) {
    throw await unknown(view, term);
  }
  if (more.length > 0) {
    throw ambiguous(
      term,
      [family, ...more].map(({ malware, name }) => ({ id: malware, name })),
    );
  }
  return subjectOfFamily(view, family);
}

function subjectOf(object: AttackObject): LayerSubject {
  const { id, attack_id = id, name = attack_id, url } = object;
  return { id: attack_id, name, url, objects: [object] };
}

async function subjectOfFamily(
  view: AttackView,
  { malware, name, links }: FoundFamily,
): Promise<LayerSubject> {
  const software = await findObjects(
    view,
    links.map(({ stix_id }) => stix_id),
  );
  return {
    id: malware,
    name,
    url: `https://malpedia.caad.fkie.fraunhofer.de/details/${encodeURIComponent(malware)}`,
    objects: software,
  };
}

/** What has this id; if nothing has it, what has this name. Revoked objects only count if nothing else is called like them. */
async function findUsersCalled(view: AttackView, term: string): Promise<readonly AttackObject[]> {
  const byId = await findObjects(view, term);
  const found = byId.length > 0 ? byId : await findObjectsByName(view, term);
  const users = found.filter(({ type }) => userTypes.has(type));
  const valid = users.filter(({ revoked }) => !revoked);
  if (valid.length > 0) {
    return valid;
  }
  const successors = new Map<string, AttackObject>();
  for (const revoked of users) {
    const successor = await followRevoked(view, revoked);
    if (successor !== undefined) {
      successors.set(successor.id, successor);
    }
  }
  return [...successors.values()];
}

async function findFamiliesCalled(view: AttackView, term: string): Promise<readonly FoundFamily[]> {
  const byKey = await findFamilies(view.store, "_id", [term.toLowerCase()]);
  const folded = foldName(term);
  return byKey.length > 0 || folded === ""
    ? byKey
    : findFamilies(view.store, "enriched.folded_names", [folded]);
}

function ambiguous(term: string, found: readonly Pick<LayerSubject, "id" | "name">[]): LayerSubjectError {
  return new LayerSubjectError(
    `${JSON.stringify(term)} is a name of ${found.map(({ id, name }) => `${name} (${id})`).join(" and ")}: give the id.`,
  );
}

const mostSuggestions = 5;

async function unknown(view: AttackView, term: string): Promise<LayerSubjectError> {
  const [other] = await findObjects(view, term);
  if (other !== undefined) {
    return new LayerSubjectError(
      `${other.name ?? ""} (${term}) is not a group, software or campaign: layers show what these use.`,
    );
  }
  const similar = await findSimilarNames(view, term, { types: userTypes, limit: mostSuggestions });
  const names = similar.map(({ name, id }) => `${name} (${id})`);
  const hint = names.length === 0 ? "" : ` Do you mean ${names.join(", ")}?`;
  return new LayerSubjectError(
    `There is no group, software, campaign or malware family ${JSON.stringify(term)}.${hint}`,
  );
}
