import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { hasRealData } from "@cti-connectors/sandbox/testing";
import { chromium } from "playwright-core";
import { build } from "vite";
import type { TestProject } from "vitest/node";
import { loadDemo } from "./load-demo.js";
import { loadRealAttack, realFiles } from "./load-real-attack.js";
import { servePage } from "./serve-page.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the page, built for this run. */
    readonly pageFolder: string;
    /** Absent: there is no browser. */
    readonly browser?: string;
    /** A server with the demo data, and one with real data of ATT&CK where that exists. */
    readonly demo?: string;
    readonly real?: string;
  }
}

/** Builds the page; and, where there is a browser, starts it and the servers, once for all tests. */
export default async function setUp({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "explorer-"));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const page = join(folder, "page");
  await build({
    configFile: fileURLToPath(new URL("../../vite.config.ts", import.meta.url)),
    logLevel: "warn",
    build: { outDir: page },
  });
  provide("pageFolder", page);
  if (env.TEST_CHROMIUM) {
    const browser = await chromium.launchServer({
      executablePath: env.TEST_CHROMIUM,
      args: ["--no-sandbox"],
    });
    const mongo = await startEmbeddedMongo();
    closers.unshift(
      () => browser.close(),
      () => mongo.close(),
    );
    provide("browser", browser.wsEndpoint());
    const serve = async (db: string, load: Parameters<typeof servePage>[0]["load"]) => {
      const server = await servePage({ uri: mongo.uri, db, page: pathToFileURL(`${page}/`), load });
      closers.unshift(() => server.close());
      return server.url;
    };
    provide("demo", await serve("demo", loadDemo));
    if (hasRealData(...realFiles)) {
      provide("real", await serve("real", loadRealAttack));
    }
  }
  return async () => {
    for (const close of closers) {
      await close();
    }
  };
}
