/** A STIX identifier (STIX 2.1, section 2.9). */
export type StixId<Type extends string> = `${Type}--${string}`;

/** STIX 2.1, section 2.5. */
export interface StixExternalReference {
  readonly source_name: string;
  readonly description?: string;
  readonly url?: string;
  readonly external_id?: string;
}

interface StixCommon<Type extends string> {
  readonly type: Type;
  readonly spec_version: "2.1";
  readonly id: StixId<Type>;
  /** Absent on the identity itself. */
  readonly created_by_ref?: StixId<"identity">;
  /** RFC 3339 in UTC, with milliseconds, as all times. */
  readonly created: string;
  readonly modified: string;
  readonly labels?: readonly string[];
  readonly external_references?: readonly StixExternalReference[];
  readonly object_marking_refs: readonly StixId<"marking-definition">[];
}

/** STIX 2.1, section 4.5. */
export interface StixIdentity extends StixCommon<"identity"> {
  readonly name: string;
  readonly description: string;
  readonly identity_class: "organization";
}

/** STIX 2.1, section 4.7. */
export interface StixIndicator extends StixCommon<"indicator"> {
  readonly name: string;
  readonly description: string;
  /** Words of the vocabulary `indicator-type-ov` (section 10.8). */
  readonly indicator_types: readonly string[];
  readonly pattern: string;
  readonly pattern_type: "stix";
  readonly pattern_version: "2.1";
  readonly valid_from: string;
  readonly valid_until?: string;
  /** 0 to 100. */
  readonly confidence?: number;
}

/** STIX 2.1, section 4.11. */
export interface StixMalware extends StixCommon<"malware"> {
  readonly name: string;
  readonly is_family: true;
  readonly aliases?: readonly string[];
}

/** STIX 2.1, section 5.1. */
export interface StixRelationship extends StixCommon<"relationship"> {
  readonly relationship_type: "indicates";
  readonly source_ref: StixId<"indicator">;
  readonly target_ref: StixId<"malware">;
}

/** STIX 2.1, section 7.2, with the extension of TLP 2.0. */
export interface StixMarkingDefinition {
  readonly type: "marking-definition";
  readonly spec_version: "2.1";
  readonly id: StixId<"marking-definition">;
  readonly created: string;
  readonly name: string;
  readonly extensions: Readonly<Record<StixId<"extension-definition">, StixTlpExtension>>;
}

interface StixTlpExtension {
  readonly extension_type: "property-extension";
  readonly tlp_2_0: "clear";
}

/** What an IOC becomes. */
export type StixIocObject = StixIndicator | StixMalware | StixRelationship;
