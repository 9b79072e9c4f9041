import { InviteLink } from "./invite";
import "./empty-room.css";

/** Nobody else is here yet: how to change that. */
export function EmptyRoom({ link }: { link: string }) {
  return (
    <aside className="empty-room" aria-label="Invite others" data-testid="empty-room">
      <p className="empty-room-title">You are the first one here</p>
      <p>Send this link, or open it in a second tab.</p>
      <InviteLink link={link} />
    </aside>
  );
}
