import { homeAddress, readAddress, roomAddress } from "../model/address";
import { rememberedToken, rememberToken } from "./memory";
import { readClaims } from "./token";

/** What the page was opened for. */
export interface Invitation {
  readonly room: string | null;
  readonly name: string | null;
  readonly token: string | null;
  readonly moderate: boolean;
}

/** The page was opened by itself. */
export const NO_INVITATION: Invitation = { room: null, name: null, token: null, moderate: false };

/**
 * Reads the page's address. A token is taken out of it and kept for this tab, because addresses are copied, shown on
 * shared screens and kept in histories.
 */
export function acceptInvitation(): Invitation {
  const { room, token, moderate } = readAddress(location.href);
  if (token === null) {
    const kept = rememberedToken(room);
    return { room, name: kept === null ? null : readClaims(kept).name, token: kept, moderate };
  }
  const claims = readClaims(token);
  // The token's own room wins: with another one the server would refuse it.
  const tokenRoom = claims.room ?? room;
  rememberToken(tokenRoom, token);
  const { href } = location;
  history.replaceState(null, "", tokenRoom === null ? homeAddress(href) : roomAddress(href, tokenRoom));
  return { room: tokenRoom, name: claims.name, token, moderate };
}
