// Serves a temporary embedded database, as it is published, on a port of 127.0.0.1 until it gets SIGTERM.
//
//   node .ci/serve-embedded-mongo.mjs PORT     after npm run build -- --filter=@cti-connectors/embedded-mongo
import { startEmbeddedMongo } from "../packages/embedded-mongo/dist/index.js";

const server = await startEmbeddedMongo({ port: Number(process.argv[2]) });
process.once("SIGTERM", () => void server.close());
