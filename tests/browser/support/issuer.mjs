import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAME = "https://login.example/";

/** Somebody who signs access tokens with a private key, and publishes the public one as a JWK set. */
export class Issuer {
  /** The server's `issuers-file`. */
  file;
  #directory = mkdtempSync(join(tmpdir(), "antiphon-issuer-"));
  #server;
  #privateKey;

  static async start() {
    const issuer = new Issuer();
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    issuer.#privateKey = privateKey;
    const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "2026" }] });
    issuer.#server = createServer((_, response) => response.end(jwks));
    await once(issuer.#server.listen(0, "127.0.0.1"), "listening");
    issuer.file = join(issuer.#directory, "issuers.toml");
    const url = `http://127.0.0.1:${issuer.#server.address().port}/jwks.json`;
    writeFileSync(issuer.file, `[[issuers]]\nissuer = "${NAME}"\ntenant = "acme"\njwks-url = "${url}"\n`);
    return issuer;
  }

  /** @param {number} seconds how long it is valid, from now; it was made a minute ago */
  token(room, identity, seconds) {
    const now = Math.floor(Date.now() / 1_000);
    const grants = { room, join: true };
    const claims = { iss: NAME, sub: identity, aud: "antiphon", iat: now - 60, exp: now + seconds, grants };
    const text = `${base64url({ alg: "EdDSA", typ: "JWT", kid: "2026" })}.${base64url(claims)}`;
    return `${text}.${sign(null, Buffer.from(text), this.#privateKey).toString("base64url")}`;
  }

  close() {
    this.#server.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function base64url(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
