import { expect, onTestFinished, test } from "vitest";
import { startDemoUpstream, UnknownSimulatorError, type UpstreamChoice } from "./start-demo-upstream.js";

async function start(choice: UpstreamChoice) {
  const upstream = await startDemoUpstream(choice);
  onTestFinished(() => upstream.close());
  return upstream;
}

test("attack-taxii is the ATT&CK server, at its discovery URL", async () => {
  const { url, key } = await start({ simulator: "attack-taxii" });
  const response = await fetch(url, { headers: { accept: "application/taxii+json;version=2.1" } });
  expect(await response.json()).toMatchObject({ default: "/api/v21" });
  expect(key).toMatch(/^[0-9a-f]{48}$/);
});

test("threatfox is its API, with the exports beside it, for those who have the key", async () => {
  const { url, key } = await start({ simulator: "threatfox" });
  const ask = async (authKey: string) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "auth-key": authKey },
      body: JSON.stringify({ query: "types" }),
    });
    return [answer.status, await answer.json()];
  };
  expect(await ask(key)).toMatchObject([200, { query_status: "ok" }]);
  expect(await ask("another")).toMatchObject([403, { query_status: "unknown_auth_key" }]);
  for (const file of ["full.json.zip", "recent.json"]) {
    const exported = new URL(`/files/exports/${file}`, url);
    expect((await fetch(exported)).status).toBe(401);
    exported.searchParams.set("auth-key", key);
    expect((await fetch(exported)).status).toBe(200);
  }
});

test("a function of the connector is served, with a key of its own", async () => {
  const answer = (request: Request) => new Response(new URL(request.url).pathname);
  const [one, other] = [await start({ answer }), await start({ answer })];
  expect(await (await fetch(`${one.url}feed.json`)).text()).toBe("/feed.json");
  expect(one.key).toMatch(/^[0-9a-f]{48}$/);
  expect(one.key).not.toBe(other.key);
});

test("a simulator that there is not is refused by name", async () => {
  await expect(startDemoUpstream({ simulator: "another" })).rejects.toThrow(
    new UnknownSimulatorError("the sandbox has no simulator named another, only attack-taxii and threatfox"),
  );
});
