import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { expandPath, resolvePathSettings } from "./expand-path.js";
import { fileOrUrlListSetting, fileOrUrlSetting } from "./file-or-url-setting.js";

test.each([
  ["~", homedir()],
  ["~/data/mongo", join(homedir(), "data", "mongo")],
  ["/var/lib/cti", "/var/lib/cti"],
  ["data/~old", "data/~old"],
  ["./~old", "./~old"],
  ["c:", "c:"],
])("%s is %s", (path, expected) => {
  expect(expandPath("DATA_DIR", path, "linux")).toBe(expected);
});

test.each([
  ["~alice/data", /^DATA_DIR must be a full path: .*~alice\/data/],
  ["C:\\data\\mongo", /^DATA_DIR must be a path on this system, .*C:\\data\\mongo/],
  ["d:/data", /^DATA_DIR must be a path on this system/],
  ["\\\\server\\share", /^DATA_DIR must be a path on this system/],
])("%s is refused on Linux", (path, message) => {
  expect(() => expandPath("DATA_DIR", path, "linux")).toThrow(message);
});

test("a Windows path is one on Windows", () => {
  expect(expandPath("DATA_DIR", "C:\\data", "win32")).toBe("C:\\data");
});

test("settings that are paths become absolute; what is not set or no path is left out", () => {
  const path = () => z.string().optional().meta({ path: true });
  const schemas = [
    z.object({ CA_FILE: path(), NAME: z.string() }),
    z.object({ FOLDER: path(), OTHER: path() }),
    z.object({ SOURCE: fileOrUrlSetting(), LINK: fileOrUrlSetting(), FTP: fileOrUrlSetting() }),
    z.object({ SOURCES: fileOrUrlListSetting() }),
  ];
  const environment = {
    ...{ CA_FILE: " certs/ca.pem ", NAME: "name", FOLDER: "~/data", OTHER: " " },
    ...{ SOURCE: "a.json", LINK: "https://a.example/a.json", FTP: "ftp://a.example/a.json" },
    SOURCES: "a.json, https://a.example/a.json,~/b.json",
  };
  expect(resolvePathSettings(schemas, environment, (variable) => `/from/${variable}`)).toEqual({
    CA_FILE: "/from/CA_FILE/certs/ca.pem",
    FOLDER: join(homedir(), "data"),
    SOURCE: "/from/SOURCE/a.json",
    SOURCES: `/from/SOURCES/a.json,https://a.example/a.json,${join(homedir(), "b.json")}`,
  });
});
