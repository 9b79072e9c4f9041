//! The access token of a connection is replaced while it is open: by the server where it can sign another, else by the client.

use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_backplane::Unavailable;
use antiphon_protocol::{
    ErrorCode,
    v1::{self, server_frame::Kind},
};
use antiphon_room_core::{Author, Command};
use antiphon_service_kit::auth::{AuthError, Claims, NoRefresh};

use super::{
    Connection, End, bounded,
    enter::{COMMAND_TIMEOUT, expiry, grants},
    inbound::{error, unavailable},
};
use crate::{LEAST_REFRESH, room::RoomError, room::wall_clock, routing::refused};

/// A token that is being verified. Its issuer may have to be asked for a key.
pub(super) type AskedToken = Pin<Box<dyn Future<Output = Result<Claims, AuthError>> + Send>>;

/// When a client that hands over tokens faster than they are verified is to come again.
const BUSY_RETRY_MS: u32 = 1_000;

impl Connection {
    /// Replaces the client's access token before it expires, or asks for another one.
    pub(super) async fn push_token(&mut self, now: Instant) -> Result<(), End> {
        let lifetime = self.claims.lifetime_s;
        let refreshes = self.shared.metrics.token_refreshes.clone();
        let seconds = wall_clock().0 / 1000;
        let token = match self.shared.keys.refresh(&self.claims, seconds) {
            Ok(token) => token,
            Err(reason) => return self.ask_for_token(reason, now).await,
        };
        self.claims.expires_at_s = seconds.saturating_add(lifetime);
        let extend = Command::ExtendGrant { sid: self.sid(), expires_at: expiry(&self.claims) };
        // The token is of use only once the room knows that the session may go on.
        if !matches!(bounded(COMMAND_TIMEOUT, self.room.submit(Author::Server, extend)).await, Ok(Ok(_))) {
            refreshes.with_label_values(&["unavailable"]).inc();
            self.session.refresh_token_at(Some(now + COMMAND_TIMEOUT));
            return Ok(());
        }
        refreshes.with_label_values(&["ok"]).inc();
        self.session.refresh_token_at(Some(self.shared.token_refresh_at(&self.claims, now)));
        let expires_in = u32::try_from(lifetime).unwrap_or(u32::MAX);
        self.show_own(Kind::AccessToken(v1::AccessToken { token, expires_in })).await
    }

    /// The application alone can sign another token: its client is asked for one, and again when half of the time that is left has
    /// passed. A key that was taken away by mistake may come back meanwhile.
    async fn ask_for_token(&mut self, reason: NoRefresh, now: Instant) -> Result<(), End> {
        let outcome = match reason {
            NoRefresh::KeyGone => {
                tracing::info!(sid = %self.sid(), key = self.claims.key_id, "no fresh token: its key is gone");
                "key_gone"
            }
            NoRefresh::Issuer => "issuer",
        };
        self.shared.metrics.token_refreshes.with_label_values(&[outcome]).inc();
        let expires_in = self.seconds_left();
        self.session.refresh_token_at(Some(now + (Duration::from_secs(expires_in.into()) / 2).max(LEAST_REFRESH)));
        self.show_own(Kind::TokenExpiring(v1::TokenExpiring { expires_in })).await
    }

    fn seconds_left(&self) -> u32 {
        u32::try_from(self.claims.expires_at_s.saturating_sub(wall_clock().0 / 1000)).unwrap_or(u32::MAX)
    }

    /// Begins to verify a token that the client hands over. That holds up nothing else, and one is verified at a time.
    pub(super) async fn verify_token(&mut self, token: String) -> Result<(), End> {
        if self.asked_token.is_some() {
            let busy = error(ErrorCode::RateLimited, "the token before this one is being verified");
            return self.refuse_token(v1::Error { retry_after_ms: Some(BUSY_RETRY_MS), ..busy }).await;
        }
        let shared = Arc::clone(&self.shared);
        self.asked_token = Some(Box::pin(async move { shared.keys.verify_fresh(&token, wall_clock().0 / 1000).await }));
        Ok(())
    }

    /// Goes on under the token that was verified.
    pub(super) async fn take_token(&mut self, verified: Result<Claims, AuthError>) -> Result<(), End> {
        let claims = match verified {
            Ok(claims) => claims,
            Err(reason) => return self.refuse_token(error(reason.code(), reason.to_string())).await,
        };
        if let Err(message) = self.is_mine(&claims) {
            return self.refuse_token(error(ErrorCode::PermissionDenied, message)).await;
        }
        let renew = Command::RenewGrants { sid: self.sid(), grants: grants(&claims), expires_at: expiry(&claims) };
        let renewed = bounded(COMMAND_TIMEOUT, self.room.submit(Author::Server, renew)).await;
        match renewed.unwrap_or(Err(RoomError::Unavailable)) {
            Ok(_) => {}
            Err(RoomError::Refused(refusal)) => return self.refuse_token(refused(&refusal)).await,
            Err(RoomError::Unavailable | RoomError::Uncertain) => return self.refuse_token(unavailable(0)).await,
            // The feed says how it ended, where it did.
            Err(RoomError::Ended) => {
                self.deliver().await?;
                return Err(Unavailable.into());
            }
        }
        *self.claims = claims;
        self.shared.metrics.token_refreshes.with_label_values(&["brought"]).inc();
        self.session.refresh_token_at(Some(self.shared.token_refresh_at(&self.claims, Instant::now())));
        self.show_own(Kind::TokenRefreshed(v1::TokenRefreshed { expires_in: self.seconds_left() })).await
    }

    /// Whether a token is for this session: a session changes neither its owner nor its room.
    fn is_mine(&self, claims: &Claims) -> Result<(), &'static str> {
        let room = claims.grants.room.as_ref();
        if (&claims.tenant, &claims.identity) != (&self.claims.tenant, &self.claims.identity) {
            Err("the token is another participant's: iss and sub must say who joined")
        } else if !claims.grants.join {
            Err("the token does not grant join")
        } else if room.is_some_and(|room| *room != self.room.key.room) && !claims.grants.admin {
            Err("the token is for another room")
        } else {
            Ok(())
        }
    }

    /// The session goes on under the token that it has.
    async fn refuse_token(&mut self, mut error: v1::Error) -> Result<(), End> {
        "token".clone_into(&mut error.field);
        self.shared.metrics.token_refreshes.with_label_values(&["refused"]).inc();
        self.answer(error).await
    }
}
