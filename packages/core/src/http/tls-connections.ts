import { Agent } from "node:https";
import { findTlsFaults } from "./find-tls-faults.js";
import type { TlsSettingNames, TlsSettings } from "./http-client.js";
import { pemOnly } from "./read-pem.js";

/** Connections with certificates of our own. */
export interface TlsConnections {
  readonly settings: TlsSettings;
  readonly agent: Agent;
}

/**
 * Opens no connection yet.
 *
 * @throws TypeError that names every fault of the settings
 */
export function createTlsConnections(tls: TlsSettings, names: TlsSettingNames = {}): TlsConnections {
  const faults = findTlsFaults(tls);
  if (faults.length > 0) {
    throw new TypeError(
      faults.map(({ part, message }) => `${names[part] ?? `tls.${part}`} ${message}`).join("; "),
    );
  }
  const settings = pemOnly(tls);
  // As Node's own agent does: an idle connection is used again for a few seconds.
  return { settings, agent: new Agent({ ...settings, keepAlive: true, scheduling: "lifo", timeout: 5000 }) };
}
