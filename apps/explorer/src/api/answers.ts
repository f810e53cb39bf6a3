import type { IocJson, LookupJson } from "@cti-connectors/server/answers";

// What the API is going to answer.

type Texts = readonly string[];

export interface SuggestionsJson {
  readonly suggestions: LookupJson["suggestions"];
}

export interface IocsJson {
  readonly iocs: readonly IocJson[];
  readonly next?: string;
}

export interface DailyIocsJson {
  readonly days: Texts;
  readonly series: readonly {
    readonly key: string;
    readonly name: string;
    readonly counts: readonly number[];
  }[];
  readonly other: readonly number[];
}

export interface FamiliesJson {
  readonly families: readonly {
    readonly malware: string;
    readonly name: string;
    readonly first_seen: string;
    readonly iocs: number;
  }[];
}

export interface ChangesJson {
  readonly collections: readonly {
    readonly changes: readonly {
      readonly id: string;
      readonly type: string;
      readonly class?: string;
      readonly attack_id?: string;
      readonly attack_version?: string;
      readonly previous_attack_version?: string;
      readonly name?: string;
    }[];
  }[];
}

export interface StatusJson {
  readonly store: { readonly db: string };
  readonly connectors: readonly {
    readonly name: string;
    readonly rejected: number;
    readonly lastOkAt?: string;
    readonly budget?: {
      readonly left: number;
      readonly quota: { readonly requests: number; readonly windowMs: number };
    };
    readonly runs: readonly {
      readonly runId: string;
      readonly status: string;
      readonly startedAt: string;
      readonly finishedAt?: string;
      readonly reason?: string;
    }[];
  }[];
  readonly collections: readonly {
    readonly name: string;
    readonly documents: number;
    readonly current: number;
    readonly newestAt?: string;
  }[];
  readonly rejected: number;
}

export interface RejectedJson {
  readonly total: number;
  readonly records: readonly {
    readonly id: string;
    readonly connector: string;
    readonly step: string;
    readonly reason: string;
    readonly raw: string;
    readonly lastSeenAt: string;
    readonly times: number;
  }[];
}
