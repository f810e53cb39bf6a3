import { secureHeaders } from "hono/secure-headers";

/** Nothing from elsewhere is loaded, nothing is framed, and no address is told to others. There is no CORS: other pages cannot read. */
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
  // This server speaks HTTP; whoever puts TLS before it sets this.
  strictTransportSecurity: false,
});
