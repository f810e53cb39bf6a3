import { randomBytes } from "node:crypto";
import { type AnswerRequest, type LoopbackServer, serveOnLoopback } from "./http/serve-on-loopback.js";
import { createTraffic } from "./http/traffic.js";
import { startTaxii } from "./start-taxii.js";
import { startThreatfox } from "./start-threatfox.js";

/** How a connector says which upstream its demo needs: a function of its own, or the name of a simulator here. */
export type UpstreamChoice = { readonly answer: AnswerRequest } | { readonly simulator: string };

/** An upstream that a demo runs against. */
export interface KeyedUpstream extends LoopbackServer {
  /** Made up. If the upstream needs a key, it accepts only this one. */
  readonly key: string;
}

const simulators: ReadonlyMap<string, () => Promise<KeyedUpstream>> = new Map([
  ["attack-taxii", async () => ({ ...(await startTaxii({}, createTraffic())), key: makeKey() })],
  ["threatfox", async () => startThreatfox({}, createTraffic())],
]);

/** A demo names a simulator that the sandbox does not have. */
export class UnknownSimulatorError extends Error {
  override readonly name = "UnknownSimulatorError";
}

/**
 * Starts the upstream of a demo on 127.0.0.1. A simulator has its built-in data; the `url` of `attack-taxii` is its
 * discovery URL, that of `threatfox` its API's, with the exports at `/files/exports/`.
 *
 * @throws UnknownSimulatorError that names the simulators that there are
 */
export async function startDemoUpstream(choice: UpstreamChoice): Promise<KeyedUpstream> {
  if ("answer" in choice) {
    return { ...(await serveOnLoopback(choice.answer)), key: makeKey() };
  }
  const start = simulators.get(choice.simulator);
  if (start === undefined) {
    const known = [...simulators.keys()].join(" and ");
    throw new UnknownSimulatorError(`the sandbox has no simulator named ${choice.simulator}, only ${known}`);
  }
  return start();
}

function makeKey(): string {
  return randomBytes(24).toString("hex");
}
