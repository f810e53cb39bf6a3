import { describe, expect, test } from "vitest";
import { baseConfig } from "./base-config.js";
import { ConfigError, parseConfig } from "./parse-config.js";

describe("baseConfig", () => {
  test("has a default for everything but where to load", () => {
    expect(parseConfig(baseConfig, {})).toEqual({
      DB_NAME: "threat_intelligence",
      HTTP_TIMEOUT_MS: 30_000,
      HTTP_RETRIES: 4,
      HTTP_MAX_BODY_MB: 40,
      HTTP_MAX_DOWNLOAD_MB: 4096,
      MAX_REMOVED_SHARE: 0.33,
      LOAD_OVERLAP: "on",
      LOG_LEVEL: "info",
      LOG_FORMAT: "text",
    });
  });

  test.each([
    "mongodb://127.0.0.1",
    "mongodb://a:27017,b:27017/db?replicaSet=rs0&tls=true",
    "mongodb://user:p%40ss@host/?authSource=admin",
    "mongodb+srv://user:pass@cluster.example.com/?retryWrites=true&w=majority",
  ])("takes the connection string %s", (uri) => {
    expect(parseConfig(baseConfig, { MONGO_URI: uri }).MONGO_URI).toBe(uri);
  });

  test.each([
    ["MONGO_URI", "http://127.0.0.1", "must start with mongodb:// or mongodb+srv://"],
    ["MONGO_URI", "127.0.0.1:27017", "must start with mongodb:// or mongodb+srv://"],
    ["MONGO_URI", "mongodb://", "must name a host"],
    ["MONGO_URI", "mongodb://host/?nonsense=1", "option .* number 1"],
    ["MONGO_URI", "mongodb+srv://a.example.com:27017/", "port"],
    ["DB_NAME", "a.b", "must be the name of a database"],
    ["DB_NAME", "a b", "must be the name of a database"],
    ["DB_NAME", "$a", "must be the name of a database"],
    ["DB_NAME", "ä".repeat(32), "63 bytes"],
    ["DB_NAME", "Admin", "belong to MongoDB"],
    ["HTTP_TIMEOUT_MS", "0", "must be a whole number from 1"],
    ["HTTP_RETRIES", "1.5", "must be a whole number"],
    ["MAX_REMOVED_SHARE", "33", "must be a number from 0 to 1"],
    ["MAX_REMOVED_SHARE", "1.01", "must be a number from 0 to 1"],
    ["MAX_REMOVED_SHARE", "-0.1", "must be a number from 0 to 1"],
    ["LOAD_OVERLAP", "true", "must be on or off"],
    ["LOG_LEVEL", "loud", "must be one of debug, info, warn, error, silent"],
    ["LOG_FORMAT", "xml", "must be text or json"],
  ])("refuses %s=%s", (variable, value, expected) => {
    const parse = () => parseConfig(baseConfig, { [variable]: value });
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(new RegExp(`^${variable} .*${expected.replaceAll("+", "\\+")}`));
  });

  test.each([
    "mongodb://user:hunter2",
    "mongodb://user:hun@ter2@host/",
    "mongodb://user:hun/ter2@host/",
    "mongodb://user:pass@host/?hunter2",
    "mongodb+srv://user:hunter2@a.example.com:27017/",
    "hunter2",
  ])("quotes no part of the connection string %s", (uri) => {
    expect.assertions(2);
    try {
      parseConfig(baseConfig, { MONGO_URI: uri });
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect(`${error} ${JSON.stringify(error)}`).not.toMatch(/hun|ter2/);
    }
  });

  test("takes a name of 63 bytes", () => {
    expect(parseConfig(baseConfig, { DB_NAME: "a".repeat(63) }).DB_NAME).toHaveLength(63);
  });
});
