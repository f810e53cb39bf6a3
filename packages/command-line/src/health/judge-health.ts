import type { ConfiguredConnector, ConnectorStatus } from "@cti-connectors/core/host";

/** How current the data of a connector is. */
export interface ConnectorHealth {
  readonly name: string;
  /**
   * `fresh`: loaded, and not older than promised. `stale`: older than that. `never`: there was no complete load yet. `skipped`: not set up,
   * so that nothing is expected of it.
   */
  readonly state: "fresh" | "stale" | "never" | "skipped";
  /** When it last loaded everything. */
  readonly lastOkAt?: Date;
  /** How long ago that was. */
  readonly ageMs?: number;
}

export interface Health {
  /** No connector is stale, and each that is set up has loaded its data. */
  readonly isHealthy: boolean;
  readonly connectors: readonly ConnectorHealth[];
}

export interface HealthOptions {
  /** How old data may be. Undefined: any age will do. */
  readonly maxAgeMs: number | undefined;
  readonly now: Date;
}

/** Judges by the last complete load of each connector whether its data is as current as promised. */
export function judgeHealth(
  statuses: readonly Pick<ConnectorStatus, "name" | "lastOkAt">[],
  configured: readonly Pick<ConfiguredConnector, "name" | "skipReason">[],
  options: HealthOptions,
): Health {
  const connectors = configured.map(({ name, skipReason }) => {
    const lastOkAt = statuses.find((status) => status.name === name)?.lastOkAt;
    return skipReason === undefined ? judge(name, lastOkAt, options) : { name, state: "skipped" as const };
  });
  return {
    isHealthy: connectors.every(({ state }) => state === "fresh" || state === "skipped"),
    connectors,
  };
}

function judge(name: string, lastOkAt: Date | undefined, { maxAgeMs, now }: HealthOptions): ConnectorHealth {
  if (lastOkAt === undefined) {
    return { name, state: "never" };
  }
  const ageMs = Math.max(0, now.getTime() - lastOkAt.getTime());
  return { name, state: maxAgeMs !== undefined && ageMs > maxAgeMs ? "stale" : "fresh", lastOkAt, ageMs };
}
