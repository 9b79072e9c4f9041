/** Which end of a DTLS association this is: `active` connects, `passive` waits (RFC 8842, section 3). */
export type DtlsRole = "active" | "passive";

/** The other end's role. */
export function oppositeRole(role: DtlsRole): DtlsRole {
  return role === "active" ? "passive" : "active";
}

/** The role that an answer takes; its first section tells it for all that are bundled. */
export function answeredRole(sdp: string): DtlsRole | undefined {
  return /^a=setup:(active|passive)\r?$/m.exec(sdp)?.[1] as DtlsRole | undefined;
}

/**
 * An offer as a browser is to see it that has `role` in an association: it leaves no choice but to keep it. An answerer
 * must not change the roles (RFC 8842, section 5.3), but Firefox chooses anew when ICE restarts, and Chromium refuses
 * such an answer. What travels stays `actpass`, as section 5.5 wants it.
 */
export function offerThatKeeps(role: DtlsRole | undefined, sdp: string): string {
  return role === undefined ? sdp : sdp.replace(/^a=setup:actpass(\r?)$/gm, `a=setup:${oppositeRole(role)}$1`);
}
