import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { startEmbeddedMongo } from "../server/start-embedded-mongo.js";

/**
 * Runs as a separate process: starts a temporary database, prints the contents of the folder for temporary databases,
 * and exits without closing; or closes, and lets the process end.
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
