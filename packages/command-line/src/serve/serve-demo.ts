import type { Store } from "@cti-connectors/core/host";
import { PortTakenError } from "../process/serve-app.js";
import type { PreparedRun } from "../run/run-once.js";
import { type OpenServerOptions, openServer, servedPort } from "./open-server.js";

/**
 * Serves what a demo has loaded, until the signal aborts. A port that another process listens on is no reason not to.
 *
 * @throws UsageError where nothing can be served at all
 */
export async function serveDemo(
  store: Store,
  { settings, view, terminal }: Pick<PreparedRun, "settings" | "view" | "terminal">,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) {
    return;
  }
  const served = { store, connectors: settings.connectors, log: view.log };
  const server = await openSomewhere(served);
  try {
    terminal.say(`Look at it in your browser: ${server.origin}\nPress Ctrl-C to end the demo.`);
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    await server.close();
  }
}

async function openSomewhere(served: Omit<OpenServerOptions, "address">) {
  const host = "127.0.0.1";
  try {
    return await openServer({ ...served, address: { host, port: servedPort } });
  } catch (error) {
    if (error instanceof PortTakenError) {
      return openServer({ ...served, address: { host, port: 0 } });
    }
    throw error;
  }
}
