import { shortenUrl } from "@cti-connectors/core";
import type { PageCursor } from "./taxii-page.js";

export interface TaxiiErrorDetails {
  /** The requested resource, such as `manifest of x-mitre-collection--…`. */
  readonly request: string;
  readonly url: string;
  /** Short: the error message's own title, or the fault in the answer. */
  readonly title: string;
  readonly description?: string | undefined;
  /** The HTTP status of the answer, or the one in the error message. */
  readonly httpStatus?: number | undefined;
  readonly errorCode?: string | undefined;
  readonly errorId?: string | undefined;
  /** True if the answer was a web page: it came from a gateway or another site, not from the TAXII server. */
  readonly answeredHtml?: boolean;
  /** Where the requested page begins, if it was not the first one. */
  readonly page?: PageCursor | undefined;
  readonly cause?: unknown;
}

/**
 * A TAXII server refused a request, or answered something that is not TAXII.
 *
 * Contains the TAXII error message if there was one (TAXII 2.1, section 3.6.1).
 */
export class TaxiiError extends Error implements TaxiiErrorDetails {
  override readonly name = "TaxiiError";
  readonly request: string;
  readonly url: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly httpStatus: number | undefined;
  readonly errorCode: string | undefined;
  readonly errorId: string | undefined;
  readonly answeredHtml: boolean;
  readonly page: PageCursor | undefined;

  constructor(details: TaxiiErrorDetails) {
    super(messageOf(details), details.cause === undefined ? undefined : { cause: details.cause });
    this.request = details.request;
    this.url = details.url;
    this.title = details.title;
    this.description = details.description;
    this.httpStatus = details.httpStatus;
    this.errorCode = details.errorCode;
    this.errorId = details.errorId;
    this.answeredHtml = details.answeredHtml ?? false;
    this.page = details.page;
  }
}

function messageOf({ request, url, title, description, httpStatus, errorCode }: TaxiiErrorDetails): string {
  const facts = [
    httpStatus === undefined ? undefined : `HTTP ${httpStatus}`,
    errorCode === undefined ? undefined : `error code ${errorCode}`,
  ].filter((fact) => fact !== undefined);
  const text = description === undefined || description === title ? title : `${title}: ${description}`;
  return `TAXII ${request} (${shortenUrl(url)}): ${text}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`;
}
