use std::{
    error::Error as _,
    io,
    num::{IntErrorKind, ParseIntError},
    path::PathBuf,
};

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not an error: help or the version was asked for. Its text goes to standard output.
    #[error("{0}")]
    Help(String),
    /// The arguments are wrong.
    #[error("{0}")]
    Usage(String),
    /// The file is not there, or not ours to read.
    #[error("config {}: {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Something in the file is wrong.
    #[error("{}:{line}: {message}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What, and what was expected.
        message: String,
    },
    /// An environment variable is wrong.
    #[error("environment variable {variable}: {message}")]
    Environment {
        /// Which.
        variable: String,
        /// What was expected.
        message: String,
    },
}

impl From<clap::Error> for ConfigError {
    fn from(error: clap::Error) -> Self {
        let is_help = matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        );
        if is_help { Self::Help(error.to_string()) } else { Self::Usage(one_line(&error)) }
    }
}

/// What `clap` says over several lines.
fn one_line(error: &clap::Error) -> String {
    let flag = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    let flag = flag.split([' ', '=']).next().unwrap_or_default();
    if let Some(expected) = expected(error) {
        let given = error.get(ContextKind::InvalidValue).map(ToString::to_string).unwrap_or_default();
        return if given.is_empty() {
            format!("{flag}: {expected}")
        } else {
            format!("{flag}: {expected}, found {given:?}")
        };
    }
    let suggestion = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]
        .into_iter()
        .find_map(|kind| error.get(kind))
        .map(|suggestion| format!(", did you mean {suggestion}?"))
        .unwrap_or_default();
    let text = error.to_string();
    let first_paragraph = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<_> = first_paragraph.trim_start_matches("error: ").split_whitespace().collect();
    words.join(" ") + &suggestion
}

/// What would have been right, where a value is wrong.
pub(super) fn expected(error: &clap::Error) -> Option<String> {
    if error.kind() == ErrorKind::ValueValidation {
        return error.source().map(|cause| match cause.downcast_ref::<ParseIntError>().map(ParseIntError::kind) {
            Some(IntErrorKind::Zero) => "expected a whole number above 0".to_owned(),
            Some(_) => "expected a whole number".to_owned(),
            None => cause.to_string(),
        });
    }
    if error.kind() != ErrorKind::InvalidValue {
        return None;
    }
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => Some(format!("expected {}", one_of(values))),
        Some(_) | None => Some("expected a value".to_owned()),
    }
}

fn one_of(values: &[String]) -> String {
    match values.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
