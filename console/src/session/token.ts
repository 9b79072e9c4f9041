/** Where the development server makes tokens, under its base address. */
const DEV_TOKEN_PATH = "dev/token";

/** There is no token to be had. `code` is one of the protocol's, or `no_token`. */
export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Who asks for access to what. */
export interface TokenRequest {
  readonly room: string;
  readonly identity: string;
  readonly name: string;
  /** With a moderator's rights. */
  readonly moderate: boolean;
}

/** Asks the development server for a token. A server that is not one has no such path. */
export async function fetchDevToken(
  request: TokenRequest,
  base: string,
  fetcher: typeof fetch = fetch,
): Promise<string> {
  const response = await fetcher(new URL(DEV_TOKEN_PATH, base), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
    cache: "no-store",
  });
  if (response.ok) {
    const token: unknown = ((await response.json()) as { token?: unknown }).token;
    if (typeof token === "string" && token !== "") return token;
    throw new TokenError("no_token", "the server answered without a token");
  }
  // Faults of the server's own pass: the caller may try again.
  if (response.status >= 500) throw new Error(`the token request failed with status ${response.status}`);
  if (response.status === 404 || response.status === 405) throw new TokenError("no_token", "");
  const { code, message } = await refusal(response);
  throw new TokenError(code, message);
}

/** What a token says about itself, unverified: only the server can verify it. */
export interface TokenClaims {
  readonly room: string | null;
  readonly name: string | null;
}

/** Reads the claims of a JWT (RFC 7519 §3) to show them. */
export function readClaims(token: string): TokenClaims {
  try {
    const payload = token.split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { name?: unknown; grants?: { room?: unknown } };
    return { room: text(claims.grants?.room), name: text(claims.name) };
  } catch {
    return { room: null, name: null };
  }
}

/** Reads a problem document (RFC 9457) with the protocol's codes. */
async function refusal(response: Response): Promise<{ code: string; message: string }> {
  try {
    const { code, detail } = (await response.json()) as { code?: unknown; detail?: unknown };
    return { code: text(code) ?? "no_token", message: text(detail) ?? "" };
  } catch {
    return { code: "no_token", message: "" };
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
