/** What a product with a web page sends to whoever has not signed in. */
export function loginPage(): Response {
  return new Response(
    `<!DOCTYPE html>
<html><head><title>Sign in</title></head>
<body><form method="post" action="/login">
<input name="username"><input name="password" type="password"><button>Sign in</button>
</form></body></html>
`,
    { headers: { "content-type": "text/html; charset=utf-8" } },
  );
}
