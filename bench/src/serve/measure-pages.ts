import { median } from "../median.js";
import { readPages } from "./read-page.js";

/** What one client waits for, while nobody else asks. */
export interface PageOfServer {
  readonly title: string;
  readonly objects: number;
  readonly bytes: number;
  /** The median of the rounds. */
  readonly milliseconds: number;
}

const questions = [
  { title: "a manifest page of 2,000", path: "manifest/?limit=2000" },
  { title: "a page of 2,000", path: "objects/?limit=2000" },
  { title: "all of Enterprise, in pages of 2,000", path: "objects/?limit=2000", all: true },
];

/** How long one client waits. */
export async function measurePages(collection: URL, rounds: number): Promise<readonly PageOfServer[]> {
  const measured: PageOfServer[] = [];
  for (const { title, path, all = false } of questions) {
    const times: number[] = [];
    let [objects, bytes] = [0, 0];
    // The first time only warms the server up.
    for (let round = 0; round <= rounds; round += 1) {
      [objects, bytes] = [0, 0];
      let milliseconds = 0;
      for await (const page of readPages(new URL(path, collection))) {
        milliseconds += page.milliseconds;
        objects += page.objects;
        bytes += page.bytes;
        if (!all) {
          break;
        }
      }
      times.push(milliseconds);
    }
    measured.push({ title, objects, bytes, milliseconds: median(times.slice(1)) });
  }
  return measured;
}
