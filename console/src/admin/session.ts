import { adminAddress, readAdminAddress } from "./model/admin-token";

/** Kept for this tab only: whoever has the token has every room. */
const TOKEN = "antiphon.adminToken";

/** The token of this tab: handed over with the address, or kept from before a reload. The address does not keep it. */
export function acceptToken(): string | null {
  const { token, room } = readAdminAddress(location.href);
  if (token !== null) {
    history.replaceState(null, "", adminAddress(location.href, room));
    keepToken(token);
    return token;
  }
  try {
    return sessionStorage.getItem(TOKEN);
  } catch {
    // Browsers can be told to keep nothing.
    return null;
  }
}

/** Keeps the token for reloads of this tab; null forgets it. */
export function keepToken(token: string | null): void {
  try {
    if (token === null) sessionStorage.removeItem(TOKEN);
    else sessionStorage.setItem(TOKEN, token);
  } catch {
    // Forgotten, see above.
  }
}
