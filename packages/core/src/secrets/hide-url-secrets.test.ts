import { describe, expect, test } from "vitest";
import { hideUrlSecrets } from "./hide-url-secrets.js";

describe("hideUrlSecrets", () => {
  test.each([
    ["https://user:pass@example.com/a?x=1#top", "https://example.com/a?x=1"],
    [
      "https://example.com/x.json?key=abc&sp=r&sig=d%3D&X-Amz-Signature=e&monkey=f",
      "https://example.com/x.json?key=[redacted]&sp=r&sig=[redacted]&X-Amz-Signature=[redacted]&monkey=f",
    ],
    [
      "https://example.com/full.json.zip?auth-key=abc&days=3",
      "https://example.com/full.json.zip?auth-key=[redacted]&days=3",
    ],
    ["https://example.com/?API_KEY=a&API_KEY=b", "https://example.com/?API_KEY=[redacted]"],
    [
      "https://example.com/?match%5Btype%5D=malware&next=2",
      "https://example.com/?match%5Btype%5D=malware&next=2",
    ],
    [
      `https://example.com/v2/files/exports/${"0123456789abcdef".repeat(3)}/full.json.zip`,
      "https://example.com/v2/files/exports/[redacted]/full.json.zip",
    ],
    [
      "https://example.com/v2/files/exports/my-key_1/full.json.zip?a=1",
      "https://example.com/v2/files/exports/my-key_1/full.json.zip?a=1",
    ],
    [
      "https://example.com/v2/files/exports/full.json.zip",
      "https://example.com/v2/files/exports/full.json.zip",
    ],
    [
      "https://example.com/?to=/files/exports/full.json.zip",
      "https://example.com/?to=/files/exports/full.json.zip",
    ],
    [
      "https://example.com/collections/x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019/",
      "https://example.com/collections/x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019/",
    ],
    ["nonsense?auth-key=abc", "(not a URL)"],
  ])("%s", (url, shown) => {
    expect(hideUrlSecrets(url)).toBe(shown);
  });
});
