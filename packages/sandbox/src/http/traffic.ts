import { createFaultQueue, type FaultQueue } from "./inject-faults.js";
import type { LoggedRequest } from "./upstream-env.js";

/** What passes between clients and upstreams: seen, and disturbed on demand. */
export interface Traffic {
  /** Every request so far, in order. */
  readonly requests: LoggedRequest[];
  readonly faults: FaultQueue;
  /** Called for every request before its answer leaves. */
  readonly onAnswer?: ((request: LoggedRequest) => void) | undefined;
}

/** No request yet, and no fault. */
export function createTraffic(onAnswer?: (request: LoggedRequest) => void): Traffic {
  return { requests: [], faults: createFaultQueue(), onAnswer };
}
