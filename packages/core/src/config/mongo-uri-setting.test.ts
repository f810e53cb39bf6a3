import { expect, test } from "vitest";
import { findMongoUriFault } from "./mongo-uri-setting.js";

test.each([
  ["mongodb://user:hunter2", "the host after them is missing"],
  ["mongodb://user:hunter2/", "the host after them is missing"],
  ["mongodb://user:hunter2@", "must name a host"],
  ["mongodb://user:hunter2@/db", "must name a host"],
  ["mongodb://:hunter2@host/", "percent-encoded"],
  ["mongodb://user:hun@ter2@host/", "percent-encoded: write % as %25, @ as %40"],
  ["mongodb://user:hun@ter2/x@host/", "percent-encoded"],
  ["mongodb://user:hun:ter2@host/", "percent-encoded"],
  ["mongodb://user:hun/ter2@host/", "percent-encoded"],
  ["mongodb://user:hun#ter2@host/", "percent-encoded"],
  ["mongodb://user:hun[ter2@host/", "percent-encoded"],
  ["mongodb://user:hunter2%@host/", "percent-encoded"],
  ["mongodb://user:hun?ter2@host/", "percent-encoded"],
  ["mongodb://us/er:hunter2@host/", "percent-encoded"],
  ["mongodb://user:x@hun?ter2@host/", "number 1 after its ?"],
  ["mongodb://user:x@host:hunter2/", "number for the port"],
  ["mongodb://user:x@[::1/?hunter2", "must name hosts"],
  ["mongodb+srv://user:hunter2@a.example.com:27017/", "one host without a port"],
  ["mongodb+srv://user:hunter2@a.example.com,b.example.com/", "one host without a port"],
  ["mongodb://host/?appName=a&hunter2=1&tls=true", "number 2 after its ?"],
  ["mongodb://host/?retryWrites=hunter2", "number 1 after its ?"],
  ["mongodb://host/?tls=true&ssl=false&appName=hunter2", "contradict each other"],
  ["mongodb://host:99999/?appName=hunter2", "not a valid MongoDB connection string"],
  ["user:hunter2@host", "must start with mongodb://"],
  ["https://user:hunter2@host", "must start with mongodb://"],
])("%s %s, and the secret is not quoted", (uri, expected) => {
  const fault = findMongoUriFault(uri);
  expect(fault).toContain(expected);
  expect(fault).not.toMatch(/hun|ter2/);
});

test.each([
  "mongodb://127.0.0.1",
  "mongodb://a:27017,[::1]:27018/db?replicaSet=rs0&tls=true",
  "mongodb://user@host/",
  "mongodb://user:p%40ss@host/?authSource=admin",
  "mongodb://user:pass@host/?appName=a@b",
  "mongodb+srv://user:pass@cluster.example.com/?retryWrites=true&w=majority",
])("%s has none", (uri) => {
  expect(findMongoUriFault(uri)).toBeUndefined();
});
