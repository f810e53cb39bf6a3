import {
  type AttackObject,
  type AttackView,
  findAssetsOf,
  findCampaignsOf,
  findDetectionsOf,
  findGroupsOf,
  findMitigationsOf,
  findParentOf,
  findSoftwareOf,
  findSubTechniquesOf,
  findTactics,
  findTechniquesFor,
  findUsersOf,
  followRevoked,
  objectTypes,
  type RelatedObject,
  type UsersOptions,
} from "@cti-connectors/pivot";

type FindRelated = (
  view: AttackView,
  objects: readonly AttackObject[],
  options: UsersOptions,
) => Promise<readonly RelatedObject[]>;

/** What can be asked of an object. */
const relations = {
  assets: findAssetsOf,
  campaigns: async (view, objects, options) => [
    ...(await findUsers(view, objects, options, objectTypes.campaign)),
    ...(await findCampaignsOf(view, objects)),
  ],
  "data-components": async (view, objects) => (await findDetectionsOf(view, objects)).data_components,
  groups: async (view, objects, options) => [
    ...(await findUsers(view, objects, options, objectTypes.group)),
    ...(await findGroupsOf(view, objects)),
  ],
  mitigations: findMitigationsOf,
  parent: async (view, objects) => forEach(objects, (object) => findParentOf(view, object)),
  software: async (view, objects, options) => [
    ...(await findUsers(view, objects, options, objectTypes.software)),
    ...(await findSoftwareOf(view, objects)),
  ],
  "sub-techniques": async (view, objects) => unrelated(await findSubTechniquesOf(view, objects)),
  successor: (view, objects) =>
    forEach(
      objects.filter(({ revoked }) => revoked),
      (object) => followRevoked(view, object),
    ),
  tactics: findTacticsOf,
  techniques: async (view, objects) => {
    const found = [];
    for (const object of objects) {
      found.push(...(await findTechniquesFor(view, object)));
    }
    return found;
  },
  users: findUsersOf,
} as const satisfies Readonly<Record<string, FindRelated>>;
type Relation = keyof typeof relations;

export const relationNames = [
  "assets",
  "campaigns",
  "data-components",
  "groups",
  "mitigations",
  "parent",
  "software",
  "sub-techniques",
  "successor",
  "tactics",
  "techniques",
  "users",
] as const satisfies readonly Relation[];

/** Finds what objects are related with. Nothing where the question makes no sense, such as the users of a group. */
export function findRelatedBy(
  relation: Relation,
  view: AttackView,
  objects: readonly AttackObject[],
  options: UsersOptions,
): Promise<readonly RelatedObject[]> {
  return relations[relation](view, objects, options);
}

async function findUsers(
  view: AttackView,
  objects: readonly AttackObject[],
  options: UsersOptions,
  types: ReadonlySet<string>,
): Promise<readonly RelatedObject[]> {
  return (await findUsersOf(view, objects, options)).filter(({ object }) => types.has(object.type));
}

/** The tactics of techniques, in the matrix's order. */
async function findTacticsOf(
  view: AttackView,
  objects: readonly AttackObject[],
): Promise<readonly RelatedObject[]> {
  const names = new Set(objects.flatMap(({ tactics }) => tactics));
  const domains = new Set(objects.map(({ collection_id }) => collection_id));
  const tactics = names.size === 0 ? [] : await findTactics(view);
  return unrelated(
    tactics.filter((tactic) => {
      const { collection_id, stix } = tactic;
      return domains.has(collection_id) && names.has(String(stix.x_mitre_shortname));
    }),
  );
}

async function forEach(
  objects: readonly AttackObject[],
  find: (object: AttackObject) => Promise<AttackObject | undefined>,
): Promise<readonly RelatedObject[]> {
  const found: AttackObject[] = [];
  for (const object of objects) {
    const one = await find(object);
    found.push(...(one === undefined ? [] : [one]));
  }
  return unrelated(found);
}

function unrelated(objects: readonly AttackObject[]): readonly RelatedObject[] {
  return objects.map((object) => ({ object, relationships: [] }));
}
