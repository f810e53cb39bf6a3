import { cisaKev } from "@cti-connectors/cisa-kev";
import {
  configureConnector,
  createLogger,
  openStore,
  parseConfig,
  type Store,
} from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { malwareLinks } from "@cti-connectors/pivot";
import { type SandboxOptions, serveOnLoopback, startSandbox } from "@cti-connectors/sandbox";
import { threatfox } from "@cti-connectors/threatfox";
import { afterAll, beforeAll } from "vitest";
import { createStatusSource } from "../api/status-routes.js";
import type { ServerOptions } from "../create-server-app.js";

interface Demo {
  readonly store: Store;
  readonly options: ServerOptions;
}

/**
 * What the sandbox has of ATT&CK and ThreatFox, loaded once for all tests of a file.
 *
 * @param upstream options of the sandbox. Default: its built-in data
 */
export function useDemo(upstream: SandboxOptions = {}): Demo {
  let loaded: Demo | undefined;
  let close = async () => {};
  beforeAll(async () => {
    const server = await startEmbeddedMongo();
    const store = await openStore({ uri: server.uri, db: "demo", kind: "mongodb" });
    close = async () => {
      await store.close();
      await server.close();
    };
    loaded = { store, options: optionsOf(store) };
    const sandbox = await startSandbox({ ...upstream, quota: null });
    const catalogue = await serveOnLoopback(answerAsCisa);
    try {
      const environment = {
        MITRE_TAXII_URL: sandbox.taxiiUrl,
        MITRE_RELEASES: "all",
        MITRE_REQUEST_BUDGET: "none",
        THREATFOX_API_KEY: sandbox.authKey,
        API_URL: sandbox.threatfoxUrl,
        KEV_URL: `${catalogue.url}known_exploited_vulnerabilities.json`,
      };
      for (const connector of [mitreTaxii, threatfox, cisaKev, malwareLinks]) {
        const { connector: report } = await runInTest({ connector, environment, store });
        if (report.status !== "ok") {
          throw new Error(report.reason);
        }
      }
    } finally {
      await sandbox.close();
      await catalogue.close();
    }
  });
  afterAll(() => close());
  const known = () => {
    if (loaded === undefined) {
      throw new Error("the demo is loaded before the first test");
    }
    return loaded;
  };
  return {
    get store() {
      return known().store;
    },
    get options() {
      return known().options;
    },
  };
}

function optionsOf(store: Store): ServerOptions {
  const connectors = [
    configureConnector(mitreTaxii, parseConfig(mitreTaxii.config, {})),
    configureConnector(threatfox, parseConfig(threatfox.config, {})),
    configureConnector(malwareLinks, parseConfig(malwareLinks.config, {})),
  ];
  return {
    store: store.reader,
    collections: { iocs: "threatfox_raw", vulnerabilities: "kev" },
    ...createStatusSource(store, connectors),
    log: createLogger({ level: "silent" }),
  };
}

/** The catalogue of exploited vulnerabilities that the connector shows itself with. */
function answerAsCisa(request: Request): Response | Promise<Response> {
  const { demo } = cisaKev;
  if (demo === undefined || !("answer" in demo)) {
    throw new Error("the demo of cisa-kev answers requests itself");
  }
  return demo.answer(request);
}
