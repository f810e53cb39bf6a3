export { DatabaseInUseError } from "./database-in-use-error.js";
export { type EmbeddedMongo, type EmbeddedMongoOptions, startEmbeddedMongo } from "./start-embedded-mongo.js";
