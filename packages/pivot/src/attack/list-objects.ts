import { z } from "zod";
import type { AttackObject } from "../documents/attack-object.js";
import { type AttackView, answerFilterOf } from "./attack-view.js";
import { findTactics, shortNameOf } from "./find-tactics.js";
import { findTechniquesByDataComponent } from "./find-techniques.js";
import { type AttackObjectType, objectTypes } from "./object-types.js";
import { findDocuments, type IndexedValues } from "./read-objects.js";

export interface ListObjectsOptions {
  readonly type: AttackObjectType;
  /** Of techniques: the ATT&CK id, name or short name of a tactic. */
  readonly tactic?: string;
  /** As ATT&CK spells it, such as `Windows`. */
  readonly platform?: string;
  /** Of techniques: the ATT&CK id of what detects them, such as `DC0032`. */
  readonly dataComponent?: string;
  readonly limit: number;
  /** The ATT&CK id of the last object of the page before. */
  readonly after?: string;
}

/** An object of ATT&CK in a list. */
export interface ListedAttackObject
  extends Pick<
    AttackObject,
    "id" | "attack_id" | "name" | "type" | "url" | "aliases" | "tactics" | "platforms" | "deprecated"
  > {
  readonly attack_id: string;
}

/** A page of a list. */
export interface ObjectPage {
  readonly objects: readonly ListedAttackObject[];
  /** The `after` of the next page. Absent: this is the last one. */
  readonly next?: string;
}

const texts = z.array(z.string()).readonly().default([]);
const listed = z.object({
  attack_id: z.string(),
  name: z.string().optional(),
  type: z.string(),
  url: z.string().optional(),
  aliases: texts,
  tactics: texts,
  platforms: texts,
  deprecated: z.boolean().default(false),
});
const document = z.object({
  data: z.object({ objects: z.tuple([z.object({ id: z.string() })]) }),
  enriched: listed,
});
const projection = {
  "data.objects.id": 1,
  ...Object.fromEntries(Object.keys(listed.shape).map((name) => [`enriched.${name}`, 1 as const])),
} as const;

/** Lists objects of a type with an ATT&CK id, in the order of these ids. Reads few fields of each object of the type. */
export async function listObjects(view: AttackView, options: ListObjectsOptions): Promise<ObjectPage> {
  const { limit, after = "" } = options;
  const question = await chooseIndex(view, options);
  const found = new Map<string, ListedAttackObject>();
  if (question !== undefined) {
    const { values, filter } = question;
    for await (const each of findDocuments(
      view,
      values,
      { ...filter, ...answerFilterOf(view) },
      projection,
    )) {
      const object = document.safeParse(each).data;
      if (object !== undefined && object.enriched.attack_id > after) {
        found.set(object.enriched.attack_id, { id: object.data.objects[0].id, ...object.enriched });
      }
    }
  }
  const sorted = [...found.values()].sort((one, other) => (one.attack_id < other.attack_id ? -1 : 1));
  const objects = sorted.slice(0, limit);
  const last = objects.at(-1);
  return { objects, ...(last !== undefined && sorted.length > limit && { next: last.attack_id }) };
}

interface IndexedQuestion {
  readonly values: IndexedValues;
  readonly filter: Readonly<Record<string, unknown>>;
}

/** @returns undefined where no such tactic is in the view */
async function chooseIndex(
  view: AttackView,
  { type, tactic, platform, dataComponent }: ListObjectsOptions,
): Promise<IndexedQuestion | undefined> {
  const types = { "enriched.type": { $in: [...objectTypes[type]] } };
  const onPlatform =
    platform === undefined ? {} : { "enriched.platforms": { $elemMatch: { $eq: platform } } };
  const shortNames = tactic === undefined ? undefined : await findShortNames(view, tactic);
  const inTactic =
    shortNames === undefined ? {} : { "enriched.tactics": { $elemMatch: { $in: [...shortNames] } } };
  if (shortNames?.length === 0) {
    return undefined;
  }
  if (dataComponent !== undefined) {
    const detected = await findTechniquesByDataComponent({ ...view, brief: true }, dataComponent);
    const values = detected.map(({ object }) => object.id);
    return { values: { field: "data.objects.id", values }, filter: { ...types, ...inTactic, ...onPlatform } };
  }
  if (shortNames !== undefined) {
    const values = { field: "enriched.tactics", values: shortNames };
    return { values, filter: { ...types, ...onPlatform } };
  }
  return { values: { field: "enriched.type", values: [...objectTypes[type]] }, filter: onPlatform };
}

/** What techniques call a tactic: several names where its name is that of tactics in several domains. */
async function findShortNames(view: AttackView, tactic: string): Promise<readonly string[]> {
  const wanted = tactic.toLowerCase();
  const tactics = (await findTactics(view)).filter((each) =>
    [each.attack_id, each.name, shortNameOf(each)].some((name) => name?.toLowerCase() === wanted),
  );
  return [...new Set(tactics.flatMap((each) => shortNameOf(each) ?? []))];
}
