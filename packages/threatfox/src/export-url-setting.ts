import { isLoopback, urlSetting } from "@cti-connectors/core";
import { z } from "zod";
import { isUrl } from "./export-file/is-url.js";

const insecure =
  "must start with https://, because whoever can change an export on its way decides what is loaded; http:// is for this machine only (127.0.0.1, [::1], localhost)";

/** A setting that holds the address of an export. */
export function exportUrlSetting() {
  return urlSetting().refine((url) => !isInsecure(url), { error: insecure });
}

/** A setting that holds the path or the address of an export. */
export function exportSourceSetting() {
  return z.string().superRefine((source, context) => {
    const fault = isUrl(source) ? exportUrlSetting().safeParse(source).error : undefined;
    for (const { message } of fault?.issues ?? []) {
      context.addIssue({ code: "custom", message });
    }
  });
}

function isInsecure(url: string): boolean {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  return target !== undefined && target.protocol !== "https:" && !isLoopback(target);
}
