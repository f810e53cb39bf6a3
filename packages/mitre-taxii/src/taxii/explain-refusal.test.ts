import { expect, test } from "vitest";
import { isLoginAddress, isLoginPage } from "./explain-refusal.js";

test.each([
  ['<input name="p" type="password">', true],
  ["<input type=password>", true],
  ["<html><title>Log in to OpenCTI</title>", true],
  ["<title>Sign-in</title>", true],
  ["<title>Single Sign-On</title>", true],
  ["<html><title>404 Not Found</title><body>nginx</body>", false],
  ['<input type="text"> your password', false],
  ["<title>Threat catalogue: logins of phishing kits</title>", false],
])("takes %s for a login page: %s", (body, expected) => {
  expect(isLoginPage(body)).toBe(expected);
});

test.each([
  ["https://taxii.example/login", true],
  ["https://taxii.example/dashboard/login?next=/taxii2/", true],
  ["https://login.example/", true],
  ["https://id.example/oauth2/authorize", true],
  ["https://taxii.example/users/sign_in", true],
  ["https://taxii.example/taxii2/", false],
  ["https://taxii.example/authors/", false],
  ["/login", false],
])("takes %s for the address of one: %s", (address, expected) => {
  expect(isLoginAddress(address)).toBe(expected);
});
