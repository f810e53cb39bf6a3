/** Which of the stored IOCs to export. What is absent does not narrow. */
export interface IocSelection {
  /** New or changed at this time or later, by `ingested_at`: what a copy that was made then lacks. */
  readonly since?: Date;
  /** One of these ThreatFox `ioc_type`s. */
  readonly types?: readonly string[];
  /** 0 to 100. An IOC without a confidence is never selected. */
  readonly minConfidence?: number;
  /** One of these Malpedia keys, such as `win.cobalt_strike`. */
  readonly malware?: readonly string[];
}

/** The MongoDB filter of a selection. */
export function toMongoFilter({
  since,
  types,
  minConfidence,
  malware,
}: IocSelection): Readonly<Record<string, unknown>> {
  return {
    ...(since && { ingested_at: { $gte: since } }),
    ...(types && { "enriched.indicator.type": { $in: types } }),
    ...(minConfidence !== undefined && { "enriched.confidence": { $gte: minConfidence } }),
    ...(malware && { "enriched.malware": { $in: malware } }),
  };
}
