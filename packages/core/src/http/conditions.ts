import type { Conditions, HttpResponse, NotModified, Validators } from "./http-client.js";

/** The headers that carry conditions; undefined where there are none. */
export function conditionHeaders({
  ifNoneMatch = "",
  ifModifiedSince = "",
}: Conditions): Readonly<Record<string, string>> | undefined {
  return ifNoneMatch === "" && ifModifiedSince === ""
    ? undefined
    : {
        ...(ifNoneMatch !== "" && { "if-none-match": ifNoneMatch }),
        ...(ifModifiedSince !== "" && { "if-modified-since": ifModifiedSince }),
      };
}

export function validatorsOf(headers: ReadonlyMap<string, string>): Validators {
  const etag = headers.get("etag") ?? "";
  const lastModified = headers.get("last-modified") ?? "";
  return { ...(etag !== "" && { etag }), ...(lastModified !== "" && { lastModified }) };
}

/** An answer as the word that nothing has changed; undefined where it is another one. */
export function notModifiedOf({ url, status, headers, attempts = 1 }: HttpResponse): NotModified | undefined {
  return status === 304 ? { notModified: true, url, headers, attempts } : undefined;
}
