import { secureHeaders } from "hono/secure-headers";

/** The page loads nothing from other origins, cannot be framed, and sends no referrer. There is no CORS: other pages cannot read answers. */
export const sendSecureHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    baseUri: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    imgSrc: ["'self'", "data:", "blob:"],
    objectSrc: ["'none'"],
    // What comes from an upstream is text, never markup.
    requireTrustedTypesFor: ["'script'"],
  },
  xFrameOptions: "DENY",
  // This server speaks HTTP; the proxy that adds TLS sets this.
  strictTransportSecurity: false,
});
