import { type Sandbox, type SandboxOptions, startSandbox } from "@cti-connectors/sandbox";
import { afterAll, afterEach } from "vitest";
import { type BundleFolder, createBundleFolder } from "./write-bundle.js";

/** Starts sandboxes over bundles for the tests of a file, and ends them with the test. */
export function useServers() {
  let folder: BundleFolder | undefined;
  let files = 0;
  const open: Sandbox[] = [];
  afterEach(async () => {
    for (const sandbox of open.splice(0)) {
      await sandbox.close();
    }
  });
  afterAll(async () => {
    await folder?.remove();
  });
  return {
    /** @param bundles the objects of each bundle, beside the files that `options` names */
    async start(bundles: readonly (readonly object[])[], options: SandboxOptions = {}): Promise<Sandbox> {
      folder ??= await createBundleFolder();
      const attackFiles = [...(options.attackFiles ?? [])];
      for (const objects of bundles) {
        files += 1;
        attackFiles.push(await folder.write(`bundle-${files}`, objects));
      }
      const sandbox = await startSandbox({ quota: null, ...options, attackFiles });
      open.push(sandbox);
      return sandbox;
    },
  };
}

/** Path and query of the TAXII requests, readable, without the API root. */
export function requestsOf({ requests }: Sandbox): readonly string[] {
  return requests.map(({ url }) => decodeURIComponent(url).replace("/api/v21/collections/", ""));
}
