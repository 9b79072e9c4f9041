/** The `antiphon` server; `make run` starts one there. */
export const SERVER = new URLSearchParams(location.search).get("server") ?? "http://localhost:7880";

/** A token of the development server. A real application asks its own server, which knows who is logged in. */
export async function fetchToken(room: string, name: string): Promise<string> {
  const answer = await fetch(`${SERVER}/dev/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ room, identity: crypto.randomUUID(), name }),
  });
  if (!answer.ok) {
    throw new Error(`No token: ${answer.status}`);
  }
  const { token } = (await answer.json()) as { token: string };
  return token;
}
