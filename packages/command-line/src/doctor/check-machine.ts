import { accessSync, constants, existsSync, mkdtempSync, rmdirSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readOldestNode } from "../process/program-version.js";
import { type Check, lineOf } from "./check.js";

export function checkNode(version: string = process.versions.node): Check {
  const oldest = readOldestNode();
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split(".").map(Number);
  const isSupported = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  return isSupported
    ? { name: "node", state: "ok", text: version }
    : {
        name: "node",
        state: "failed",
        text: `${version} is too old: install ${oldest} or newer (https://nodejs.org)`,
      };
}

/** By the number that statfs(2) gives; what is not here is named by the number. */
const fileSystems: ReadonlyMap<number, string> = new Map([
  [0xef53, "ext4"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x2fc12fc1, "zfs"],
  [0x01021994, "tmpfs"],
  [0x794c7630, "overlay"],
  [0x6969, "nfs"],
  [0xff534d42, "cifs"],
  [0xfe534d42, "smb2"],
]);
const networked: ReadonlySet<string> = new Set(["nfs", "cifs", "smb2"]);

const gib = 1024 ** 3;

/** Whether the folder of the embedded database can be written, on which file system it is, and how much room there is. */
export function checkDataFolder(folder: string): readonly Check[] {
  const existing = findExisting(folder);
  const fault = findWriteFault(existing);
  const name = "data folder";
  if (fault !== undefined) {
    const text = `${folder} cannot be written (${fault}): make it writable, or set DATA_DIR to another folder`;
    return [{ name, state: "failed", text }];
  }
  const { type, bavail, bsize } = statfsSync(existing);
  const system = fileSystems.get(type) ?? (type === 0 ? "unknown" : `type 0x${type.toString(16)}`);
  const place = `${folder}${existing === folder ? "" : " (will be created)"}, file system ${system}`;
  const free = (bavail * bsize) / gib;
  const room = `${free.toFixed(1)} GiB free`;
  return [
    networked.has(system)
      ? {
          name,
          state: "warning",
          text: `${place}: the embedded database needs a local disk; set DATA_DIR to one, or MONGO_URI`,
        }
      : { name, state: "ok", text: place },
    free < 1
      ? {
          name: "disk",
          state: "warning",
          text: `${room} in ${existing}: make room, or set DATA_DIR to another disk`,
        }
      : { name: "disk", state: "ok", text: room },
  ];
}

function findExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : findExisting(dirname(folder));
}

/** Tries it: permissions alone do not tell of a read-only file system. */
function findWriteFault(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK);
    rmdirSync(mkdtempSync(join(folder, ".doctor-")));
    return undefined;
  } catch (error) {
    return lineOf(error);
  }
}
