//! Errors over HTTP: `application/problem+json` (RFC 9457) with the protocol's codes.

use std::borrow::Cow;

use antiphon_protocol::ErrorCode;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// The media type of a problem (RFC 9457 §3).
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What the body of a refusal says (RFC 9457 §3.1, with members of our own).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemDetails {
    /// Always `about:blank`: `code` tells the kinds apart.
    #[schema(example = "about:blank")]
    pub r#type: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// The stable code, the same as on the signaling socket.
    #[schema(example = "not_found")]
    pub code: &'static str,
    /// What is wrong, for people.
    pub detail: String,
    /// The field at fault, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub field: Option<String>,
    /// When to try again, where that makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = Int64)]
    pub retry_after_ms: Option<u32>,
}

/// A refusal as an HTTP response. `type` is `about:blank`; the member `code` is the same stable code as on the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    code: ErrorCode,
    status: StatusCode,
    detail: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
    retry_after_ms: Option<u32>,
}

impl Problem {
    /// A problem with the usual status of its code. `detail` is public.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, status: usual_status(code), detail: detail.into(), field: None, retry_after_ms: None }
    }

    /// With another status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Names the field that is at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says when to try again; also as the header `Retry-After`, in whole seconds.
    #[must_use]
    pub fn with_retry_after_ms(mut self, retry_after_ms: u32) -> Self {
        self.retry_after_ms = Some(retry_after_ms);
        self
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The field at fault.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What is wrong, for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// When to try again.
    #[must_use]
    pub fn retry_after_ms(&self) -> Option<u32> {
        self.retry_after_ms
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<crate::auth::AuthError> for Problem {
    fn from(error: crate::auth::AuthError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let details = ProblemDetails {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code.as_str(),
            detail: self.detail.into_owned(),
            field: self.field.map(Cow::into_owned),
            retry_after_ms: self.retry_after_ms,
        };
        let body = serde_json::to_vec(&details).expect("strings and numbers");
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(retry_after_ms) = self.retry_after_ms {
            headers.insert(header::RETRY_AFTER, retry_after_ms.div_ceil(1000).into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn usual_status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Malformed
        | ErrorCode::Unsupported
        | ErrorCode::InvalidArgument
        | ErrorCode::SequenceGap
        | ErrorCode::AlreadyJoined
        | ErrorCode::NotJoined => StatusCode::BAD_REQUEST,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::Unauthenticated | ErrorCode::TokenExpired => StatusCode::UNAUTHORIZED,
        ErrorCode::PermissionDenied
        | ErrorCode::ForgedSender
        | ErrorCode::RoomLocked
        | ErrorCode::Banned
        | ErrorCode::Waiting
        | ErrorCode::OriginDenied => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::RoomFull | ErrorCode::IdentityTaken | ErrorCode::RoomExists | ErrorCode::RequestInProgress => {
            StatusCode::CONFLICT
        }
        ErrorCode::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::RoomEnded | ErrorCode::ResumeFailed => StatusCode::GONE,
        ErrorCode::TimedOut => StatusCode::REQUEST_TIMEOUT,
        ErrorCode::RateLimited | ErrorCode::QuotaExceeded => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::RecipientBusy | ErrorCode::SlowConsumer | ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_problem_has_its_code_field_and_both_forms_of_retry_after() {
        let problem =
            Problem::new(ErrorCode::RateLimited, "too many requests").with_field("room").with_retry_after_ms(1_001);
        let response = problem.into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["retry-after"], "2");
        let body = axum::body::to_bytes(response.into_body(), 1_000).await.expect("short");
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        let expected = serde_json::json!({
            "type": "about:blank", "title": "Too Many Requests", "status": 429, "code": "rate_limited",
            "detail": "too many requests", "field": "room", "retryAfterMs": 1001,
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn every_code_is_an_error_over_http_too() {
        for code in ErrorCode::ALL {
            let status = Problem::new(*code, "").status();
            assert!(status.is_client_error() || status.is_server_error(), "{code}");
        }
    }
}
