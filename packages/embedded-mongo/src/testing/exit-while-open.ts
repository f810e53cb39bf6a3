import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { startEmbeddedMongo } from "../server/start-embedded-mongo.js";

/**
 * A process of its own: starts a temporary database, tells what lies in the folder for such, and ends without closing; or
 * closes and lets the process end.
 */
const server = await startEmbeddedMongo();
process.stdout.write(`${readdirSync(tmpdir()).join("\n")}\n`, () => {
  if (process.argv[2] === "throw") {
    throw new Error("as a program fails");
  }
  if (process.argv[2] === "close") {
    void server.close();
    return;
  }
  process.exit(3);
});
