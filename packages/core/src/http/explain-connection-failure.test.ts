import { describe, expect, test } from "vitest";
import { explainConnectionFailure } from "./explain-connection-failure.js";

function failed(
  code: string | undefined,
  message = "request to https://x/?auth-key=abc failed, reason: boom",
) {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

describe("explainConnectionFailure", () => {
  test.each([
    ["ECONNREFUSED", "refused"],
    ["ENOTFOUND", "no host with this name"],
    ["EAI_AGAIN", "DNS server"],
    ["ETIMEDOUT", "timed out"],
    ["ENETUNREACH", "network cannot be reached"],
    ["ECONNRESET", "cut off"],
    ["ERR_STREAM_PREMATURE_CLOSE", "middle of the answer"],
    ["HPE_INVALID_CONSTANT", "not HTTP"],
    ["Z_DATA_ERROR", "damaged"],
  ])("%s may pass", (code, cause) => {
    const failure = explainConnectionFailure(failed(code));
    expect(failure).toMatchObject({ code, retryable: true });
    expect(failure.cause).toContain(cause);
  });

  test.each([
    ["CERT_HAS_EXPIRED", "expired"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "not trusted"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "another host name"],
    ["CERT_SIGNATURE_FAILURE", "not accepted"],
  ])("%s does not pass by itself", (code, cause) => {
    const failure = explainConnectionFailure(failed(code), { urlSetting: "API_URL" });
    expect(failure).toMatchObject({ code, retryable: false });
    expect(failure.cause).toContain(cause);
    expect(failure.advice).toMatch(/API_URL.*NODE_EXTRA_CA_CERTS/);
  });

  test("what it does not know it quotes, without the address that node-fetch puts before it", () => {
    expect(explainConnectionFailure(failed("EODD")).cause).toBe("boom");
    expect(explainConnectionFailure(failed(undefined)).cause).toBe("boom");
    const body = failed(
      undefined,
      "Invalid response body while trying to fetch https://x/?auth-key=abc: odd",
    );
    expect(explainConnectionFailure(body).cause).toBe("odd");
  });

  test.each([undefined, null, "text", {}])("makes do with %j", (error) => {
    expect(explainConnectionFailure(error).cause).toBe("the request failed");
  });
});
