export {
  type EmbeddedMongo,
  type EmbeddedMongoOptions,
  startEmbeddedMongo,
} from "./server/start-embedded-mongo.js";
export { DatabaseInUseError } from "./storage/folder-owner.js";
