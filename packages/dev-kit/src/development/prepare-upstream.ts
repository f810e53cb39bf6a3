import type { Connector, Environment } from "@cti-connectors/core/host";
import { startDemoUpstream } from "@cti-connectors/sandbox";
import { NothingToRunError } from "./find-connector.js";

export interface PreparedUpstream {
  /** The settings that lead to it. */
  readonly environment: Environment;
  /** For people. */
  readonly description: string;
  /** Whether it is the connector's demo: nothing is sent to another machine then. */
  readonly isDemo: boolean;
  close(): Promise<void>;
}

/** Where an address and a key are written to see which settings take them. */
const marked = { url: "http://demo.invalid/", key: "key-of-the-demo" };

/**
 * Starts the upstream of a connector's demo, unless the person sets its address or asks for the one in the settings. The demo's settings
 * count where the person has set nothing; but a key belongs to an address, so the demo's own goes to the demo.
 *
 * @param options.live true: the upstream that the settings name, which may be the real one
 * @throws NothingToRunError where there is no demo
 * @throws UnknownSimulatorError where the sandbox cannot play its upstream
 */
export async function prepareUpstream(
  { name, demo }: Pick<Connector, "name" | "demo">,
  environment: Environment,
  { live }: { readonly live: boolean },
): Promise<PreparedUpstream> {
  const isGiven = (setting: string) => (environment[setting]?.trim() ?? "") !== "";
  const own = { environment, isDemo: false, close: async () => undefined };
  if (live) {
    return { ...own, description: "the upstream in its settings" };
  }
  if (demo === undefined) {
    throw new NothingToRunError(
      `${name} has no demo to run against. --live runs it against the upstream in its settings; defineConnector({ demo }) gives it a demo.`,
    );
  }
  const needed = Object.entries(demo.settings(marked));
  const addresses = needed.filter(([, value]) => value.includes("demo.invalid")).map(([setting]) => setting);
  if (addresses.some(isGiven)) {
    return { ...own, description: `the upstream in ${addresses.filter(isGiven).join(", ")}` };
  }
  const upstream = await startDemoUpstream(demo);
  const keys = needed.filter(([, value]) => value.includes(marked.key)).map(([setting]) => setting);
  const settings = Object.entries(demo.settings(upstream)).filter(
    ([setting]) => !isGiven(setting) || keys.includes(setting),
  );
  const ignored = keys.filter(isGiven);
  return {
    environment: { ...environment, ...Object.fromEntries(settings) },
    description: `its demo, ${upstream.url}${ignored.length === 0 ? "" : `, with the demo's own ${ignored.join(", ")}`}`,
    isDemo: true,
    close: () => upstream.close(),
  };
}
