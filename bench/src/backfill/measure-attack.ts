import { startSandbox } from "@cti-connectors/sandbox";
import { findReleases } from "../requests/find-releases.js";
import { measureModes, measureRun, type RunMeasured } from "./measure-modes.js";

/** How long the three domains of ATT&CK take from the sandbox into the embedded database, and a run that finds all of it unchanged. */
export async function measureAttack(folder: string, rounds: number): Promise<readonly RunMeasured[]> {
  const releases = await findReleases();
  console.error(`\n${releases.source}`);
  const sandbox = await startSandbox({ attackFiles: [...releases.others, releases.newerIcs], quota: null });
  const upstream = { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_REQUEST_BUDGET: "off" };
  try {
    return await measureModes(folder, rounds, async (settings) => [
      await measureRun("first load", ["mitre-taxii"], { ...upstream, ...settings }),
      await measureRun("all of it again, unchanged", ["mitre-taxii", "--full"], { ...upstream, ...settings }),
    ]);
  } finally {
    await sandbox.close();
    await releases.remove();
  }
}
