/** A refusal of the server's, or none of its answers. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  /** The stable code; `unreachable` where there was no answer, `unreadable` where it was none of the API's. */
  readonly code: string;
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, status: number, detail: string, retryAfterMs?: number) {
    super(detail);
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** The token is the reason: another one is needed. */
  get isAboutToken(): boolean {
    return this.status === 401 || (this.status === 403 && this.code === "permission_denied");
  }
}

/** What went wrong, whatever was thrown. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const isTimeout = error instanceof DOMException && error.name === "TimeoutError";
  return new ApiProblem("unreachable", 0, isTimeout ? "The server did not answer in time." : "The server cannot be reached.");
}

/** Reads a refusal: `application/problem+json` (RFC 9457), or whatever a proxy put in its place. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => null);
  const { code, detail, title, retryAfterMs } = isRecord(body) ? body : {};
  if (typeof code !== "string" || code === "") {
    return new ApiProblem("unreadable", response.status, `The server answered with status ${response.status}.`);
  }
  const words = [detail, title].find((text) => typeof text === "string" && text !== "");
  return new ApiProblem(
    code,
    response.status,
    typeof words === "string" ? words : code,
    typeof retryAfterMs === "number" ? retryAfterMs : undefined,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
