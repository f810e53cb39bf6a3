/** A link that a person decided, because names do not tell. */
export interface LinkException {
  /** Malpedia key. */
  readonly malware: string;
  readonly attack_id: string;
  /** Whether they are the same malware. */
  readonly decision: "link" | "refuse";
  readonly because: string;
  /** A public page that shows it. */
  readonly source: string;
}

/** Reviewed by hand. Add a line only where a source says so, and the rules of `linkFamilies` cannot find out. */
export const linkExceptions: readonly LinkException[] = [
  {
    malware: "osx.xloader",
    attack_id: "S1207",
    decision: "link",
    because:
      "XLoader is the new name of Formbook, also on macOS, and ATT&CK's XLoader is Formbook; ATT&CK lists its Windows build only.",
    source: "https://malpedia.caad.fkie.fraunhofer.de/details/osx.xloader",
  },
  {
    malware: "win.recordbreaker",
    attack_id: "S1148",
    decision: "link",
    because:
      "RecordBreaker is the second version of Raccoon Stealer, of June 2022, and ATT&CK's Raccoon Stealer is both versions.",
    source: "https://malpedia.caad.fkie.fraunhofer.de/details/win.recordbreaker",
  },
];
