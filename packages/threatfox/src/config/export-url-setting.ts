import { explainInsecureUrl, urlSetting } from "@cti-connectors/core";
import { z } from "zod";
import { isUrl } from "./is-url.js";

/** A setting that holds the address of an export. */
export function exportUrlSetting() {
  return urlSetting().superRefine((url, context) => {
    const message = explainInsecureUrl(url, "whoever can change an export on its way decides what is loaded");
    if (message !== undefined) {
      context.addIssue({ code: "custom", message });
    }
  });
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
