// Signs an access token with jose: npm install jose
import { SignJWT } from "jose";

const [identity, room] = process.argv.slice(2);
const secret = new TextEncoder().encode(process.env.ANTIPHON_KEY_SECRET);

const token = await new SignJWT({ name: identity, grants: { room, join: true } })
  .setProtectedHeader({ alg: "HS256" })
  .setIssuer(process.env.ANTIPHON_KEY_ID)
  .setSubject(identity)
  .setAudience("antiphon")
  .setIssuedAt()
  .setExpirationTime("15 minutes")
  .sign(secret);
console.log(token);
