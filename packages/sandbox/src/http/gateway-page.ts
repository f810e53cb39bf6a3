import { STATUS_CODES } from "node:http";

/** What a gateway in front of an API answers when the API does not: a page of HTML. */
export function gatewayPage(status: number): Response {
  const reason = `${status} ${STATUS_CODES[status] ?? "Error"}`;
  return new Response(
    `<!DOCTYPE html>\n<html><head><title>${reason}</title></head>\n<body><center><h1>${reason}</h1></center></body></html>\n`,
    { status, headers: { "content-type": "text/html" } },
  );
}
