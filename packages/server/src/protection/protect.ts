import type { Logger } from "@cti-connectors/core";
import type { Hono } from "hono";
import { limitRate, type RequestRate } from "./limit-rate.js";
import { limitBody, limitUrl } from "./limit-size.js";
import { logTraffic } from "./log-traffic.js";
import { refuseOtherNames } from "./refuse-other-names.js";
import { requireToken } from "./require-token.js";
import { sendSecureHeaders } from "./send-secure-headers.js";

export interface ProtectionOptions {
  /** Who asks must send it, as bearer or with Basic. Absent: only requests to an address or to `localhost` are answered. */
  readonly token?: string;
  /** Of each client. Default: 5,000 in a row, then 500 a second. */
  readonly rate?: RequestRate;
  readonly log: Logger;
  readonly now: () => Date;
}

const usualRate: RequestRate = { burst: 5_000, perSecond: 500 };

/** What every request to the port passes before it is answered. */
export function protect(app: Hono, { token, rate = usualRate, log, now }: ProtectionOptions): void {
  app.use(logTraffic(log), sendSecureHeaders, limitRate(rate, now), limitUrl);
  app.use(token === undefined ? refuseOtherNames : requireToken(token));
  app.use(limitBody);
}
