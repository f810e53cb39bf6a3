import { askDemo, configureConnector, findDemoFaults, parseConfig } from "@cti-connectors/core/host";
import { type KeyedUpstream, startDemoUpstream } from "@cti-connectors/sandbox";
import { ensure } from "../trial/conformance-error.js";
import type { Trial } from "../trial/trial.js";

/** The demo loads something without network, and each of its questions has an answer. */
export async function checkDemo(trial: Trial): Promise<void> {
  const { demo } = trial.subject.connector;
  if (demo === undefined) {
    return;
  }
  const upstream = await startDemoUpstream(demo);
  try {
    await runDemo(trial, upstream);
  } finally {
    await upstream.close();
  }
}

async function runDemo(trial: Trial, upstream: KeyedUpstream): Promise<void> {
  const { connector } = trial.subject;
  const environment = { ...connector.demo?.settings(upstream) };
  const store = await trial.openStore();
  const { status, reason, steps } = (await trial.run(store, { environment })).connector;
  ensure(
    status === "ok",
    `the demo ended as ${status}: ${reason}. Set what the connector needs in \`demo.settings\`, and let \`demo.answer\` answer every request`,
  );
  const loaded = steps.reduce((sum, { inserted }) => sum + inserted, 0);
  ensure(loaded > 0, "the demo loaded nothing: let `demo.answer` serve some records");
  const configured = configureConnector(connector, parseConfig(connector.config, environment));
  const faults = findDemoFaults(await askDemo(connector, configured, store.reader));
  ensure(faults.length === 0, `the demo's questions: ${faults.join("; ")}`);
}
