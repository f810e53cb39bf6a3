const passwordField = /<input\b[^>]*\btype\s*=\s*["']?password/i;
const loginTitle = /<title[^>]*>[^<]*\b(?:(?:log|sign)[ -]?[io]n\b|authenticat|single sign)/i;
const loginAddress =
  /(?:^|[/._-])(?:log[-_]?[io]n|sign[-_]?[io]n|sso|saml2?|oauth2?|oidc|openid|auth|authorize|adfs|idp)(?:[/._-]|$)/i;

/** Whether a web page asks for a password, or is the way to where one is asked for. */
export function isLoginPage(body: string): boolean {
  return passwordField.test(body) || loginTitle.test(body);
}

/** Whether a login page is what one expects at an address that a redirect leads to. */
export function isLoginAddress(address: string): boolean {
  if (!URL.canParse(address)) {
    return false;
  }
  const { hostname, pathname } = new URL(address);
  return loginAddress.test(pathname) || loginAddress.test(hostname);
}
