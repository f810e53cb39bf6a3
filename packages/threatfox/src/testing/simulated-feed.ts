import type { ThreatfoxRecord } from "@cti-connectors/sandbox";

const hourMs = 3_600_000;

/** An IOC, and how ThreatFox tells it as time goes by. */
interface SimulatedIoc {
  readonly id: string;
  readonly firstSeen: Date;
  /** From old to new; the first from when it is first seen. */
  readonly states: readonly { readonly from: Date; readonly record: ThreatfoxRecord }[];
}

/** Whatever ThreatFox will ever tell, so that a test can ask what it should have told. */
export interface SimulatedFeed {
  /** Ids of the IOCs first seen from one time to another, both included, oldest first. */
  idsBetween(from: Date, to: Date): readonly string[];
  /** The feed at a point in time: new and changed IOCs as they are then. */
  recordsAt(time: Date): readonly ThreatfoxRecord[];
}

/**
 * A feed in which an IOC appears every few hours, by a fixed rule. Three hours later more is known of it, and a third of
 * them is seen again two days and, with another confidence, thirty days later.
 */
export function simulateFeed(start: Date, days: number): SimulatedFeed {
  const iocs: SimulatedIoc[] = [];
  let hours = 0;
  for (let index = 0; hours < days * 24; index += 1) {
    iocs.push(simulateIoc(String(100_000 + index), new Date(start.getTime() + hours * hourMs), index));
    hours += 2 + (index % 5);
  }
  return {
    idsBetween: (from, to) =>
      iocs.filter(({ firstSeen }) => firstSeen >= from && firstSeen <= to).map(({ id }) => id),
    recordsAt: (time) =>
      iocs.flatMap(({ states }) => states.findLast(({ from }) => from <= time)?.record ?? []).toReversed(),
  };
}

function simulateIoc(id: string, firstSeen: Date, index: number): SimulatedIoc {
  const after = (hours: number) => new Date(firstSeen.getTime() + hours * hourMs);
  const first: ThreatfoxRecord = {
    id,
    ioc: `c${id}.example.com`,
    threat_type: "botnet_cc",
    threat_type_desc: "Indicator that identifies a botnet command&control server (C&C)",
    ioc_type: "domain",
    ioc_type_desc: "Domain that is used for botnet Command&control (C&C)",
    malware: "win.cobalt_strike",
    malware_printable: "Cobalt Strike",
    malware_alias: "Agentemis,BEACON",
    malware_malpedia: "https://malpedia.caad.fkie.fraunhofer.de/details/win.cobalt_strike",
    confidence_level: 50,
    is_compromised: false,
    first_seen: writeDate(firstSeen),
    last_seen: null,
    reference: null,
    reporter: "abuse_ch",
    tags: null,
  };
  const analysed = { ...first, confidence_level: 75, tags: ["CobaltStrike", `cs-watermark-${id}`] };
  const states = [
    { from: firstSeen, record: first },
    { from: after(3), record: analysed },
  ];
  if (index % 3 === 0) {
    const seenAgain = { ...analysed, last_seen: writeDate(after(48)) };
    states.push({ from: after(48), record: seenAgain });
    states.push({
      from: after(720),
      record: { ...seenAgain, confidence_level: 25, last_seen: writeDate(after(720)) },
    });
  }
  return { id, firstSeen, states };
}

function writeDate(date: Date): string {
  return date
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/u, " UTC");
}
