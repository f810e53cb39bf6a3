/** What happened to an object. Revoked and deprecated objects are modified ones. */
export type ChangeKind = "added" | "modified" | "withdrawn";

/**
 * The classes of MITRE's changelog tool (`mitreattack-python`, `diffStix`), as it names them; then `retired`, which is no change to that tool:
 * changed objects that were revoked or deprecated in both releases.
 */
export const changeClasses = [
  "additions",
  "major_version_changes",
  "minor_version_changes",
  "other_version_changes",
  "patches",
  "revocations",
  "deprecations",
  "deletions",
  "retired",
] as const;
export type ChangeClass = (typeof changeClasses)[number];

/** A STIX property in which two versions of an object differ. */
export interface ChangedField {
  /** Such as `x_mitre_platforms`. */
  readonly name: string;
  /** Absent: the property is new. */
  readonly before?: unknown;
  /** Absent: the property is gone. */
  readonly after?: unknown;
}

/** What an object was revoked in favour of. */
export interface Successor {
  /** STIX id. */
  readonly id: string;
  readonly attack_id?: string;
  readonly name?: string;
  readonly url?: string;
}

/** One object that changed. */
export interface Change {
  readonly change: ChangeKind;
  /** Absent: not known, because a version that is compared is not stored. */
  readonly class?: ChangeClass;
  /** STIX type. */
  readonly type: string;
  /** STIX id. */
  readonly id: string;
  /** Such as T1059.001. Absent: the object has none. */
  readonly attack_id?: string;
  /** A relationship is named by what it says: `Sandworm Team uses PowerShell (T1059.001)`. Absent: no stored version has a name. */
  readonly name?: string;
  /** The version now, or the last one of an object that was withdrawn. */
  readonly version: string;
  /** The version before, if the object was modified. */
  readonly previous_version?: string;
  /** `x_mitre_version`, such as 1.2, as of `version` and of `previous_version`. */
  readonly attack_version?: string;
  readonly previous_attack_version?: string;
  /** Its page, as the upstream gives it. */
  readonly url?: string;
  /** Short names of tactics, such as `initial-access`. */
  readonly tactics?: readonly string[];
  /** The object is revoked, and was not before. */
  readonly revoked?: true;
  /** The object is deprecated, and was not before. */
  readonly deprecated?: true;
  /** Of a revoked object: the target of its `revoked-by` relationship. Absent: there is none. */
  readonly revoked_by?: Successor;
  /**
   * By name, without `modified`, `x_mitre_version` and `x_mitre_contents`. Absent: not asked for, the object was not modified, or a version is
   * not stored.
   */
  readonly fields?: readonly ChangedField[];
}

/** How many objects changed. `revoked` and `deprecated` are counted among `modified`, too. */
export interface ChangeCounts {
  readonly added: number;
  readonly modified: number;
  readonly revoked: number;
  readonly deprecated: number;
  readonly withdrawn: number;
  /** How many of each class. An object whose class is not known is in none. */
  readonly classes: Readonly<Record<ChangeClass, number>>;
}

export interface TypeChanges extends ChangeCounts {
  /** STIX type. */
  readonly type: string;
}

/** What changed in one TAXII collection. */
export interface CollectionChanges {
  readonly id: string;
  readonly name: string;
  /** The releases that are compared. null: with `since`, or where they are not stored. */
  readonly from: string | null;
  readonly to: string | null;
  /** Releases that are stored, oldest first. */
  readonly releases: readonly string[];
  /** Why nothing could be compared. Absent: it was. */
  readonly not_compared?: string;
  /**
   * With `since`: documents that were stored anew under the version that they had. Their server changed them without a new version, or listed
   * them again, or another release was found to hold them.
   */
  readonly same_version?: number;
  /**
   * How many changed objects are not stored in the versions that are compared: a load was limited, or has not ended. Names may be missing, and
   * whether these objects were revoked or deprecated is not known. Absent: none.
   */
  readonly not_stored?: number;
  /** Short names of its tactics, such as `initial-access`, in the order of the matrix. Those that only an older matrix has come last. */
  readonly tactics: readonly string[];
  readonly summary: ChangeCounts;
  /** Types that changed, by name. */
  readonly types: readonly TypeChanges[];
  /** By type, kind of change (added, modified, withdrawn), ATT&CK id, name and id. */
  readonly changes: readonly Change[];
}

export interface Changes {
  /** As asked for, or what all compared collections share. null: neither. */
  readonly from: string | null;
  readonly to: string | null;
  /** RFC 3339, in UTC. Absent: releases were compared. */
  readonly since?: string;
  /** Collections of which objects are stored, by name. */
  readonly collections: readonly CollectionChanges[];
}
