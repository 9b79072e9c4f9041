//! The room's chat.

use std::sync::Arc;

use antiphon_room_core::{self as core, Author, Command, Room};
use antiphon_service_kit::problem::Problem;
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, header, request::Parts},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    access::RoomAdmin,
    extract::{Body, Parameters, path_segment, path_text, present},
    idempotency::Repeatable,
    model::ChatMessage,
    page::{Page, foreign_cursor},
    submit::{look, submit},
};
use crate::{Shared, room::wall_clock};

/// From which end a history is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Order {
    /// The oldest message first.
    #[default]
    Asc,
    /// The newest message first.
    Desc,
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ChatQuery {
    /// Messages of the page at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// The `nextCursor` of the page before.
    #[param(max_length = 256)]
    cursor: Option<String>,
    /// `asc`: the oldest first; `desc`: the newest first.
    #[param(inline, default = "asc")]
    order: Option<Order>,
}

/// Messages, in the order that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChatPage {
    messages: Vec<ChatMessage>,
    /// Leads to the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_cursor: Option<String>,
}

impl ChatPage {
    /// A cursor is a message's number, which stays its own when others go.
    fn of(room: &Room, page: &Page, order: Order) -> Result<Self, Problem> {
        let after: Option<u64> = page.after.as_deref().map(str::parse).transpose().map_err(|_| foreign_cursor())?;
        let mut messages: Vec<_> = room.chat().map(AsRef::as_ref).collect();
        match order {
            Order::Asc => messages.retain(|message| after.is_none_or(|after| message.number > after)),
            Order::Desc => {
                messages.retain(|message| after.is_none_or(|after| message.number < after));
                messages.reverse();
            }
        }
        let next_cursor = page.cut(&mut messages, |message: &&core::ChatMessage| message.number.to_string());
        Ok(Self { messages: messages.into_iter().map(ChatMessage::from).collect(), next_cursor })
    }
}

/// Lists what was written to everyone, as far as the room keeps it.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/chat",
    tag = "chat",
    params(ChatQuery),
    responses((status = 200, body = ChatPage))
)]
pub(super) async fn list_messages(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
    Parameters(query): Parameters<ChatQuery>,
) -> Result<Json<ChatPage>, Problem> {
    let page = Page::new(query.limit, query.cursor.as_deref())?;
    let room = look(&shared, &key).await?;
    Ok(Json(ChatPage::of(&room, &page, query.order.unwrap_or_default())?))
}

/// A message of the application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewMessage {
    #[schema(min_length = 1, max_length = 4096)]
    text: String,
    /// The display name that it is written under.
    #[serde(default, deserialize_with = "present")]
    #[schema(example = "Stage manager", max_length = 256, nullable = false)]
    name: Option<String>,
}

/// Writes to everyone, as the application: a message without `sid` and `identity`.
#[utoipa::path(
    post,
    path = "/v1/rooms/{room}/chat",
    tag = "chat",
    request_body = NewMessage,
    responses(
        (status = 201, body = ChatMessage, headers(("location" = String, description = "The path of the message")))
    )
)]
pub(super) async fn send_message(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
    request: Repeatable,
    Body(new): Body<NewMessage>,
) -> Result<impl IntoResponse, Problem> {
    let id = request.message_id().to_string();
    let (text, name) = (new.text, new.name.unwrap_or_default());
    let command = Command::Announce { id: id.clone(), name: name.clone(), text: text.clone() };
    let room = submit(&shared, &key, request.author(), command).await?;
    let message = match room.chat().find(|message| message.id == id) {
        Some(message) => ChatMessage::from(message.as_ref()),
        // The room keeps no history, or it was deleted since.
        None => {
            let sent_at = request.carried_out(&room).unwrap_or_else(wall_clock);
            ChatMessage::written(id.clone(), name, text, sent_at)
        }
    };
    let location = format!("/v1/rooms/{}/chat/{id}", path_segment(key.room.as_str()));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(message)))
}

/// The path's `{message}`.
pub(super) struct MessageId(String);

impl<S: Send + Sync> FromRequestParts<S> for MessageId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        path_text(parts, state, "message").await.map(Self)
    }
}

/// Deletes a message from the history and from every screen.
#[utoipa::path(
    delete,
    path = "/v1/rooms/{room}/chat/{message}",
    tag = "chat",
    responses((status = 204, description = "It is gone"))
)]
pub(super) async fn delete_message(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
    MessageId(id): MessageId,
) -> Result<StatusCode, Problem> {
    submit(&shared, &key, Author::Server, Command::DeleteChat { id }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes every message from the history and from every screen.
#[utoipa::path(
    delete,
    path = "/v1/rooms/{room}/chat",
    tag = "chat",
    responses((status = 204, description = "They are gone"))
)]
pub(super) async fn clear_messages(
    State(shared): State<Arc<Shared>>,
    RoomAdmin { key }: RoomAdmin,
) -> Result<StatusCode, Problem> {
    submit(&shared, &key, Author::Server, Command::ClearChat).await?;
    Ok(StatusCode::NO_CONTENT)
}
