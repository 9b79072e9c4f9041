//! Whether an answer is what was asked for.

use hyper::{
    StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};
use serde_json::Value;

use super::Operation;
use crate::{fault::Fault, http::Answer};

/// An answer under examination.
#[derive(Debug)]
pub(super) struct Checked {
    operation: Operation,
    answer: Answer,
    json: Option<Value>,
}

impl Checked {
    pub(super) fn new(operation: Operation, answer: Answer) -> Self {
        Self { operation, json: serde_json::from_slice(&answer.body).ok(), answer }
    }

    /// It has this status, and JSON as its body.
    pub(super) fn status(self, expected: StatusCode) -> Result<Self, Fault> {
        let problem = !expected.is_success();
        let media_type = if problem { "application/problem+json" } else { "application/json" };
        if self.answer.status != expected {
            return Err(self.wrong(format!("{} instead of {expected}", self.answer.status)));
        }
        if self.answer.headers.get(CONTENT_TYPE).is_none_or(|given| given != media_type) {
            return Err(self.wrong(format!("no {media_type}")));
        }
        self.json()?;
        Ok(self)
    }

    /// It says that it was done, and nothing else.
    pub(super) fn is_empty(&self) -> Result<(), Fault> {
        if self.answer.status == StatusCode::NO_CONTENT && self.answer.body.is_empty() {
            return Ok(());
        }
        Err(self.wrong(format!("{} instead of 204 without a body", self.answer.status)))
    }

    /// `Location` is this path.
    pub(super) fn located(self, path: &str) -> Result<Self, Fault> {
        if self.answer.headers.get(LOCATION).is_none_or(|given| given != path) {
            return Err(self.wrong(format!("Location is not {path}")));
        }
        Ok(self)
    }

    /// Everything that stands in `expected` stands in the body.
    pub(super) fn says(&self, expected: &Value) -> Result<(), Fault> {
        self.part_says(self.json()?, expected)
    }

    /// Everything that stands in `expected` stands in this part of the body.
    pub(super) fn part_says(&self, part: &Value, expected: &Value) -> Result<(), Fault> {
        if holds(part, expected) {
            return Ok(());
        }
        Err(self.wrong(format!("no {expected} in {part}")))
    }

    /// A page's items.
    pub(super) fn items(&self, field: &str, at_most: usize) -> Result<&[Value], Fault> {
        match self.json()?[field].as_array() {
            Some(items) if items.len() <= at_most => Ok(items),
            Some(items) => Err(self.wrong(format!("{} {field} on a page of {at_most}", items.len()))),
            None => Err(self.wrong(format!("no {field}"))),
        }
    }

    /// A text that is not empty.
    pub(super) fn text(&self, field: &str) -> Result<&str, Fault> {
        let text = self.json()?[field].as_str().filter(|text| !text.is_empty());
        text.ok_or_else(|| self.wrong(format!("no {field}")))
    }

    pub(super) fn json(&self) -> Result<&Value, Fault> {
        self.json.as_ref().ok_or_else(|| self.wrong("no JSON".to_owned()))
    }

    pub(super) fn wrong(&self, why: String) -> Fault {
        Fault::WrongAnswer { request: self.operation.name(), why }
    }
}

/// Objects may say more than is expected of them, lists may not.
fn holds(given: &Value, expected: &Value) -> bool {
    match (given, expected) {
        (Value::Object(given), Value::Object(expected)) => {
            expected.iter().all(|(name, value)| given.get(name).is_some_and(|given| holds(given, value)))
        }
        (Value::Array(given), Value::Array(expected)) => {
            given.len() == expected.len() && given.iter().zip(expected).all(|(given, expected)| holds(given, expected))
        }
        (given, expected) => given == expected,
    }
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use serde_json::json;

    use super::*;

    fn answer(status: u16, media_type: &'static str, body: &'static str) -> Checked {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, media_type.parse().expect("a header"));
        headers.insert(LOCATION, "/v1/rooms/r".parse().expect("a header"));
        let status = StatusCode::from_u16(status).expect("a status");
        Checked::new(Operation::GetRoom, Answer { status, headers, body: body.into() })
    }

    #[test]
    fn what_was_expected_passes_and_may_come_with_more() {
        let right = answer(200, "application/json", r#"{"name": "r", "count": 1, "list": [{"id": 7, "more": 0}]}"#);
        let right = right.status(StatusCode::OK).expect("the status").located("/v1/rooms/r").expect("the place");
        assert!(right.says(&json!({ "name": "r", "list": [{ "id": 7 }] })).is_ok());
        assert!(answer(204, "", "").is_empty().is_ok());
    }

    #[test]
    fn another_status_type_place_value_or_length_is_a_wrong_answer() {
        let json = "application/json";
        let body = r#"{"name": "r", "list": [{"id": 7}, {"id": 8}]}"#;
        assert!(answer(201, json, body).status(StatusCode::OK).is_err());
        assert!(answer(200, "text/plain", body).status(StatusCode::OK).is_err());
        assert!(answer(200, json, "name: r").status(StatusCode::OK).is_err());
        assert!(answer(404, json, body).status(StatusCode::NOT_FOUND).is_err(), "a problem has a type of its own");
        assert!(answer(200, json, body).located("/v1/rooms/s").is_err());
        for missing in [json!({ "name": "s" }), json!({ "list": [{ "id": 7 }] }), json!({ "locked": false })] {
            assert!(answer(200, json, body).says(&missing).is_err(), "{missing}");
        }
        assert!(answer(200, json, body).items("list", 1).is_err());
        assert!(answer(200, json, body).text("list").is_err());
        assert!(answer(204, json, body).is_empty().is_err());
        assert!(answer(200, json, "").is_empty().is_err());
    }
}
