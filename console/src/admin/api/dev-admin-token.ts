import { readProblem } from "./problem";

const PATH = "dev/admin-token";

/** Whether the server gives this browser an admin token: a development server on the same machine does. */
export async function offersAdminToken(base: string, fetcher: typeof fetch = fetch): Promise<boolean> {
  try {
    const response = await fetcher(new URL(PATH, base), { cache: "no-store" });
    return response.status === 204;
  } catch {
    return false;
  }
}

/** Asks the development server for an admin token. */
export async function fetchAdminToken(base: string, fetcher: typeof fetch = fetch): Promise<string> {
  const response = await fetcher(new URL(PATH, base), { method: "POST", cache: "no-store" });
  if (!response.ok) throw await readProblem(response);
  const { token } = (await response.json()) as { token?: unknown };
  if (typeof token !== "string") throw new Error("the server answered without a token");
  return token;
}
