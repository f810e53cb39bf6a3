import type { AttackDomain } from "../attack/attack-view.js";
import type { AttackObject } from "../documents/attack-object.js";

/**
 * A layer of the ATT&CK Navigator, as its file has it: layer format 4.5
 * (https://github.com/mitre-attack/attack-navigator/blob/master/layers/LAYERFORMATv4_5.md).
 */
export interface NavigatorLayer {
  readonly name: string;
  readonly versions: {
    /** The major version of ATT&CK, such as `18`. Absent: not known. */
    readonly attack?: string;
    readonly navigator: string;
    readonly layer: "4.5";
  };
  readonly domain: AttackDomain;
  readonly description: string;
  readonly layout: {
    readonly layout: "side";
    readonly showID: boolean;
    readonly showName: boolean;
    readonly expandedSubtechniques: "annotated";
  };
  readonly techniques: readonly LayerTechnique[];
  /** Absent: no technique has a score. */
  readonly gradient?: LayerGradient;
  readonly legendItems: readonly LegendItem[];
  readonly metadata: readonly LayerMetadata[];
  readonly links: readonly LayerLink[];
  readonly selectTechniquesAcrossTactics: boolean;
  readonly selectSubtechniquesWithParent: boolean;
}

/** What a layer says about a technique or sub-technique, below each of its tactics. */
export interface LayerTechnique {
  /** Such as `T1059` or `T1059.001`. */
  readonly techniqueID: string;
  readonly score?: number;
  /** Such as `#66b1ff`. Absent: the gradient's colour for the score. */
  readonly color?: string;
  readonly comment?: string;
  readonly metadata?: readonly LayerMetadata[];
  readonly links?: readonly LayerLink[];
  readonly showSubtechniques?: boolean;
}

export interface LayerGradient {
  /** From that of `minValue` to that of `maxValue`. */
  readonly colors: readonly [string, string];
  readonly minValue: number;
  readonly maxValue: number;
}

export interface LegendItem {
  readonly label: string;
  readonly color: string;
}

export interface LayerMetadata {
  readonly name: string;
  readonly value: string;
}

export interface LayerLink {
  readonly label: string;
  readonly url: string;
}

/** What layers differ in. */
export interface LayerContent
  extends Pick<
    NavigatorLayer,
    "name" | "domain" | "description" | "techniques" | "gradient" | "legendItems" | "metadata" | "links"
  > {
  /** Such as `18.1`. */
  readonly release: string | undefined;
}

/** A layer in which the techniques are in the order of their ids, and the sub-techniques can be seen. */
export function composeLayer({ release, techniques, ...content }: LayerContent): NavigatorLayer {
  const attack = release?.split(".")[0];
  return {
    ...content,
    versions: { ...(attack !== undefined && { attack }), navigator: "5.0.0", layer: "4.5" },
    layout: { layout: "side", showID: true, showName: true, expandedSubtechniques: "annotated" },
    techniques: showSubTechniques(techniques),
    metadata: [...(release === undefined ? [] : [{ name: "ATT&CK", value: release }]), ...content.metadata],
    selectTechniquesAcrossTactics: true,
    selectSubtechniquesWithParent: false,
  };
}

/** Adds the parents of sub-techniques where they are missing, and unfolds them all. */
function showSubTechniques(techniques: readonly LayerTechnique[]): readonly LayerTechnique[] {
  const byId = new Map(techniques.map((technique) => [technique.techniqueID, technique]));
  for (const { techniqueID } of techniques) {
    const [parent = techniqueID] = techniqueID.split(".");
    if (parent !== techniqueID) {
      byId.set(parent, { techniqueID: parent, ...byId.get(parent), showSubtechniques: true });
    }
  }
  return [...byId.values()].sort((one, other) => (one.techniqueID < other.techniqueID ? -1 : 1));
}

/** The page of a technique, where ATT&CK names one. */
export function linkToTechnique({
  attack_id,
  name,
  url,
}: Pick<AttackObject, "attack_id" | "name" | "url">): readonly LayerLink[] {
  const label = [attack_id, name].filter((part) => part !== undefined).join(" ");
  return url === undefined ? [] : [{ label, url }];
}
