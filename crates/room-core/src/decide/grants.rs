//! A session's rights change while it is here.

use antiphon_protocol::Sid;

use super::{Rules, Verdict, no_such_participant, session::token_expired};
use crate::{EventBody, Grants, Millis, Participant, Role, participant::grant_deadline};

impl Rules<'_> {
    /// A session shows another access token: from now on it may what that one grants, and as long as that one lives, be it longer or
    /// shorter.
    ///
    /// Tracks are withdrawn that it may not publish any more. The role that the token before gave gives way to the one that this one
    /// gives; a role that somebody else gave stays, as far as the grants go. Who waits and is made a moderator comes in: moderators skip
    /// the lobby.
    pub(super) fn renew_grants(&self, sid: Sid, grants: Grants, expires_at: Millis) -> Verdict {
        let session = self.room.roster.get(sid).ok_or_else(no_such_participant)?;
        if grant_deadline(expires_at) <= self.now {
            return Err(token_expired());
        }
        if (session.grants, session.expires_at) == (grants, expires_at) {
            return Ok(Vec::new());
        }
        let role = role_under(session, grants);
        let may_publish = grants.publish && role >= Role::Speaker;
        let withdrawn = session.tracks.iter().filter(|_| !may_publish);
        let mut events: Vec<_> =
            withdrawn.map(|track| EventBody::Unpublished { sid, track_id: track.track_id.clone() }).collect();
        events.push(EventBody::GrantsRenewed { sid, grants, expires_at });
        if session.waiting && role == Role::Moderator {
            events.push(EventBody::Admitted { sid });
        }
        if session.role != role {
            events.push(EventBody::RoleChanged { sid, role });
        }
        Ok(events)
    }
}

/// The role that a session has when its token's grants become these.
fn role_under(session: &Participant, grants: Grants) -> Role {
    let (before, after) = (Role::initial(session.grants), Role::initial(grants));
    let role = if after > before {
        session.role.max(after)
    } else if after < before && session.role <= before {
        session.role.min(after)
    } else {
        session.role
    };
    // A speaker without the grant would be promised what it does not get.
    if role == Role::Speaker && !grants.publish { Role::Viewer } else { role }
}
