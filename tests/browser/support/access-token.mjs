import { createHmac } from "node:crypto";

/** The API key that the tests' servers know. */
export const API_KEY = { id: "testkey", secret: "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff00010203" };

const LIFETIME_S = 3_600;

/**
 * An access token, signed as an application would (docs/protocol.md, "The access token").
 *
 * @param {{ room: string, identity: string, name?: string, moderate?: boolean }} participant
 */
export function accessToken({ room, identity, name, moderate = false }) {
  return signed({ sub: identity, name, grants: { room, join: true, moderate } });
}

/** A token for the REST API. */
export function adminToken() {
  return signed({ sub: "admin", grants: { admin: true } });
}

function signed(particulars) {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: API_KEY.id, aud: "antiphon", iat: now, exp: now + LIFETIME_S, ...particulars };
  const text = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(claims)}`;
  return `${text}.${createHmac("sha256", API_KEY.secret).update(text).digest("base64url")}`;
}

function base64url(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
