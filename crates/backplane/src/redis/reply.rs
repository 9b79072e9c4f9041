//! Reading what Redis answers.

use bytes::Bytes;
use redis::Value;

use crate::{Entry, Epoch, Head, Offset, Tag};

/// The answer is not what its script gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

type Read<T> = Result<T, Unreadable>;

pub(super) fn array(value: Value) -> Read<Vec<Value>> {
    if let Value::Array(values) = value { Ok(values) } else { Err(Unreadable) }
}

/// An array of exactly so many.
pub(super) fn fields<const N: usize>(value: Value) -> Read<[Value; N]> {
    array(value)?.try_into().map_err(|_| Unreadable)
}

pub(super) fn bytes(value: Value) -> Read<Bytes> {
    if let Value::SimpleString(text) = value {
        return Ok(text.into_bytes().into());
    }
    if let Value::BulkString(bytes) = value { Ok(bytes.into()) } else { Err(Unreadable) }
}

pub(super) fn text(value: Value) -> Read<String> {
    String::from_utf8(bytes(value)?.into()).map_err(|_| Unreadable)
}

/// A whole number that Redis gives as a number or as text.
pub(super) fn number(value: Value) -> Read<u64> {
    if let Value::Int(number) = value {
        return u64::try_from(number).map_err(|_| Unreadable);
    }
    text(value)?.parse().map_err(|_| Unreadable)
}

pub(super) fn optional<T>(value: Value, read: impl FnOnce(Value) -> Read<T>) -> Read<Option<T>> {
    if value == Value::Nil { Ok(None) } else { read(value).map(Some) }
}

pub(super) fn head(epoch: Value, offset: Value, tag: Value) -> Read<Head> {
    Ok(Head { epoch: Epoch(number(epoch)?), offset: Offset(number(offset)?), tag: self::tag(&bytes(tag)?)? })
}

pub(super) fn tag(bytes: &[u8]) -> Read<Tag> {
    bytes.try_into().map(|bytes| Tag(u64::from_be_bytes(bytes))).map_err(|_| Unreadable)
}

/// Entries of a room's log.
pub(super) fn entries(value: Value) -> Read<Vec<Entry>> {
    let read = |entry| {
        let (offset, [_, _, _, payload]) = stream_entry::<4>(entry)?;
        Ok(Entry { offset: Offset(offset), payload: bytes(payload)? })
    };
    array(value)?.into_iter().map(read).collect()
}

/// An entry of a stream: the first half of its id, and its fields' names and values.
pub(super) fn stream_entry<const N: usize>(value: Value) -> Read<(u64, [Value; N])> {
    let [id, content] = fields(value)?;
    let id = text(id)?;
    let first = id.split('-').next().and_then(|first| first.parse().ok()).ok_or(Unreadable)?;
    Ok((first, fields(content)?))
}

/// A time as a sorted set keeps it: a number that what is beyond every clock is rounded in.
pub(super) fn score(value: Value) -> Read<u64> {
    let score = if let Value::Double(score) = value { score } else { text(value)?.parse().map_err(|_| Unreadable)? };
    if score >= 0.0 { Ok(score as u64) } else { Err(Unreadable) }
}
