import { openStore, type Store } from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { malwareLinks } from "@cti-connectors/pivot";
import { startSandbox } from "@cti-connectors/sandbox";
import { threatfox } from "@cti-connectors/threatfox";
import { afterAll, beforeAll } from "vitest";

/** What the sandbox has of ATT&CK and ThreatFox, loaded once for all tests of a file. */
export function useDemo(): { readonly store: Store } {
  const demo: { store?: Store } = {};
  let close = async () => {};
  beforeAll(async () => {
    const server = await startEmbeddedMongo();
    const store = await openStore({ uri: server.uri, db: "demo", kind: "mongodb" });
    close = async () => {
      await store.close();
      await server.close();
    };
    demo.store = store;
    const sandbox = await startSandbox();
    try {
      const environment = {
        MITRE_TAXII_URL: sandbox.taxiiUrl,
        MITRE_RELEASES: "all",
        THREATFOX_API_KEY: sandbox.authKey,
        API_URL: sandbox.threatfoxUrl,
      };
      for (const connector of [mitreTaxii, threatfox, malwareLinks]) {
        const { connector: report } = await runInTest({ connector, environment, store });
        if (report.status !== "ok") {
          throw new Error(report.reason);
        }
      }
    } finally {
      await sandbox.close();
    }
  });
  afterAll(() => close());
  return {
    get store() {
      if (demo.store === undefined) {
        throw new Error("the demo is loaded before the first test");
      }
      return demo.store;
    },
  };
}
