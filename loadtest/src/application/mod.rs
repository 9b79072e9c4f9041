//! An application that uses the REST API (docs/rest.md) and believes no answer before it has read it.

mod check;
mod operation;

use std::time::Instant;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::{Method, StatusCode, header::HeaderValue};
use serde_json::{Value, json};

use self::check::Checked;
pub use self::operation::{Operation, Times};
use crate::{
    fault::Fault,
    http::{Connection, Server},
    target::Member,
};

/// Items that a page holds at most (docs/rest.md, "Pages").
const PAGE: usize = 100;
/// How long a room stays that a run left behind which was cut short.
const EMPTY_TIMEOUT_MS: u64 = 60_000;

/// Who asks, and beside what.
#[derive(Debug, Clone)]
pub struct Part {
    /// Begins the names of its rooms; no other application's.
    pub prefix: String,
    /// A token that grants `admin`.
    pub authorization: HeaderValue,
    /// The API's path: `/v1`.
    pub api: String,
    /// Everyone in a room that lives by sockets: it is changed and its participants are listed.
    pub beside: Vec<Member>,
}

/// An application with one connection.
#[derive(Debug)]
pub struct Application {
    connection: Connection,
    part: Part,
}

impl Application {
    /// Connects.
    ///
    /// # Errors
    /// When there is no connection.
    pub async fn connect(server: &Server, part: Part) -> Result<Self, Fault> {
        Ok(Self { connection: Connection::open(server).await?, part })
    }

    /// Makes a room, finds it, writes and sends into it, reads that back, changes and counts a room that others are in, and ends
    /// its own: every kind of request once, and the list page by page.
    ///
    /// # Errors
    /// At the first answer that is not what it has to be.
    pub async fn cycle(&mut self, number: u64, times: &Times) -> Result<(), Fault> {
        let name = format!("{}-{number}", self.part.prefix);
        let room = json!({
            "name": name, "metadata": format!("cycle {number}"), "locked": false, "lobby": false, "maxParticipants": 7,
            "emptyTimeoutMs": EMPTY_TIMEOUT_MS, "participantCount": 0, "waitingCount": 0,
        });
        let own = format!("{}/rooms/{name}", self.part.api);
        self.create(&name, &own, &room, times).await?;
        self.find_in_list(&name, &room, times).await?;
        self.ask(Operation::GetRoom, Method::GET, &own, None, times).await?.status(StatusCode::OK)?.says(&room)?;
        self.write_and_read(&own, number, times).await?;
        self.change_beside(number, times).await?;
        self.list_beside(times).await?;
        let path = format!("{own}?reason=over");
        self.ask(Operation::DeleteRoom, Method::DELETE, &path, None, times).await?.is_empty()?;
        let gone = json!({ "status": 404, "code": "not_found", "field": "room" });
        self.ask(Operation::GetRoom, Method::GET, &own, None, times).await?.status(StatusCode::NOT_FOUND)?.says(&gone)
    }

    async fn create(&mut self, name: &str, path: &str, room: &Value, times: &Times) -> Result<(), Fault> {
        let new = json!({
            "name": name, "metadata": room["metadata"], "maxParticipants": room["maxParticipants"],
            "emptyTimeoutMs": room["emptyTimeoutMs"],
        });
        let rooms = format!("{}/rooms", self.part.api);
        let created = self.ask(Operation::CreateRoom, Method::POST, &rooms, Some(&new), times).await?;
        created.status(StatusCode::CREATED)?.located(path)?.says(room)
    }

    /// Every page is asked for until the room has come, and it comes once.
    async fn find_in_list(&mut self, name: &str, room: &Value, times: &Times) -> Result<(), Fault> {
        let first = format!("{}/rooms?limit={PAGE}", self.part.api);
        let mut path = first.clone();
        loop {
            let page = self.ask(Operation::ListRooms, Method::GET, &path, None, times).await?.status(StatusCode::OK)?;
            let rooms = page.items("rooms", PAGE)?;
            if let Some(listed) = rooms.iter().find(|listed| listed["name"] == name) {
                return page.part_says(listed, room);
            }
            match page.json()?["nextCursor"].as_str() {
                Some(cursor) => path = format!("{first}&cursor={cursor}"),
                None => return Err(page.wrong(format!("a list that ends without {name}"))),
            }
        }
    }

    async fn write_and_read(&mut self, own: &str, number: u64, times: &Times) -> Result<(), Fault> {
        let (chat, data) = (format!("{own}/chat"), format!("{own}/data"));
        let message = json!({ "text": format!("message {number}, as long as people write"), "name": "Stage manager" });
        let written = self.ask(Operation::WriteChat, Method::POST, &chat, Some(&message), times).await?;
        let written = written.status(StatusCode::CREATED)?;
        written.says(&message)?;
        let id = written.text("id")?.to_owned();
        written.located(&format!("{chat}/{id}"))?;

        let bytes = json!({ "topic": "score", "payload": STANDARD.encode(format!("goal {number}")) });
        self.ask(Operation::SendData, Method::POST, &data, Some(&bytes), times).await?.is_empty()?;

        let history = self.ask(Operation::ReadHistory, Method::GET, &format!("{chat}?order=desc"), None, times).await?;
        let expected = json!({ "messages": [{ "id": id, "text": message["text"], "name": message["name"] }] });
        history.status(StatusCode::OK)?.says(&expected)
    }

    async fn change_beside(&mut self, number: u64, times: &Times) -> Result<(), Fault> {
        let change = json!({ "metadata": format!("{} {number}", self.part.prefix) });
        let path = self.beside_path();
        let changed = self.ask(Operation::PatchRoom, Method::PATCH, &path, Some(&change), times).await?;
        let expected = json!({ "metadata": change["metadata"], "participantCount": self.part.beside.len() });
        changed.status(StatusCode::OK)?.says(&expected)
    }

    async fn list_beside(&mut self, times: &Times) -> Result<(), Fault> {
        let path = format!("{}/participants?limit={PAGE}", self.beside_path());
        let page =
            self.ask(Operation::ListParticipants, Method::GET, &path, None, times).await?.status(StatusCode::OK)?;
        let listed = page.items("participants", PAGE)?;
        let mut identities: Vec<&str> = Vec::with_capacity(listed.len());
        for participant in listed {
            page.part_says(participant, &json!({ "state": "CONNECTED" }))?;
            identities.extend(participant["identity"].as_str());
        }
        identities.sort_unstable();
        identities.dedup();
        let belong =
            identities.iter().all(|identity| self.part.beside.iter().any(|member| member.identity == *identity));
        if identities.len() != self.part.beside.len().min(PAGE) || !belong {
            return Err(page.wrong(format!("{} participants of {}", identities.len(), self.part.beside.len())));
        }
        Ok(())
    }

    fn beside_path(&self) -> String {
        let room = self.part.beside.first().map_or("", |member| &member.room);
        format!("{}/rooms/{room}", self.part.api)
    }

    async fn ask(
        &mut self,
        operation: Operation,
        method: Method,
        path: &str,
        body: Option<&Value>,
        times: &Times,
    ) -> Result<Checked, Fault> {
        let asked_at = Instant::now();
        let answer = self.connection.ask(&self.part.authorization, method, path, body).await?;
        times.record(operation, asked_at.elapsed());
        Ok(Checked::new(operation, answer))
    }
}
