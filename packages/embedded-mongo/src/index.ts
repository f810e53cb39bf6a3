export {
  type EmbeddedMongo,
  type EmbeddedMongoOptions,
  startEmbeddedMongo,
} from "./server/start-embedded-mongo.js";
export { DatabaseInUseError } from "./storage/database-in-use-error.js";
