//! A TOML file as a list of settings with their lines.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use toml::{
    Spanned,
    de::{DeInteger, DeTable, DeValue},
};

use super::ConfigError;

/// One `key = value` of a file.
pub(super) struct Setting {
    pub(super) table: String,
    pub(super) key: String,
    pub(super) value: Value,
    pub(super) line: usize,
}

/// A value, as it would be given to a flag.
pub(super) enum Value {
    One(String),
    Many(Vec<String>),
    Tables(Vec<TableValue>),
}

/// One table of a list of tables.
pub(super) struct TableValue {
    /// In TOML, on one line.
    pub(super) text: String,
    pub(super) line: usize,
    keys: Vec<(String, usize)>,
}

impl TableValue {
    /// The line of the key that a complaint begins with; else that of the table.
    pub(super) fn line_of(&self, complaint: &str) -> usize {
        let key = complaint.split(':').next().unwrap_or_default();
        self.keys.iter().find(|(known, _)| known == key).map_or(self.line, |(_, line)| *line)
    }
}

/// A file that was read.
pub(super) struct File {
    path: PathBuf,
    text: String,
}

impl fmt::Display for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.table.is_empty() {
            formatter.write_str(&self.key)
        } else {
            write!(formatter, "{}.{}", self.table, self.key)
        }
    }
}

impl File {
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self { path: path.to_owned(), text }),
            Err(error) => Err(ConfigError::Unreadable { path: path.to_owned(), error }),
        }
    }

    /// Every setting, in no particular order. Those outside of tables have an empty `table`.
    pub(super) fn settings(&self) -> Result<Vec<Setting>, ConfigError> {
        let document = DeTable::parse(&self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.error(self.line(at), error.message().to_owned())
        })?;
        let mut settings = Vec::new();
        for (key, value) in document.get_ref() {
            match value.get_ref() {
                DeValue::Table(table) => {
                    for (inner, value) in table {
                        settings.push(self.setting(key.get_ref(), inner, value)?);
                    }
                }
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_) => settings.push(self.setting("", key, value)?),
            }
        }
        Ok(settings)
    }

    pub(super) fn error(&self, line: usize, message: String) -> ConfigError {
        ConfigError::File { path: self.path.clone(), line, message }
    }

    fn setting(
        &self,
        table: &str,
        key: &Spanned<impl AsRef<str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Setting, ConfigError> {
        let line = self.line(key.span().start);
        let (table, key) = (table.to_owned(), key.get_ref().as_ref().to_owned());
        let value = match value.get_ref().as_array() {
            Some(values) if values.iter().any(|value| value.get_ref().is_table()) => self.tables(values),
            Some(values) => {
                values.iter().map(|value| scalar(value.get_ref())).collect::<Option<Vec<_>>>().map(Value::Many)
            }
            None => scalar(value.get_ref()).map(Value::One),
        };
        let setting = Setting { table, key, value: Value::Many(Vec::new()), line };
        match value {
            Some(value) => Ok(Setting { value, ..setting }),
            None => Err(self.error(line, format!("{setting}: expected a value or a list of values, found a table"))),
        }
    }

    /// Each element; `None` where one is no table.
    fn tables(&self, values: &[Spanned<DeValue<'_>>]) -> Option<Value> {
        let tables = values.iter().map(|value| {
            let table = value.get_ref().as_table()?;
            let keys = table.keys().map(|key| (key.get_ref().to_string(), self.line(key.span().start))).collect();
            Some(TableValue { text: owned(value.get_ref()).to_string(), line: self.line(value.span().start), keys })
        });
        tables.collect::<Option<_>>().map(Value::Tables)
    }

    fn line(&self, at: usize) -> usize {
        self.text.as_bytes()[..at.min(self.text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => Some(decimal(number)),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Datetime(value) => Some(value.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// A value that is written as it was read.
fn owned(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(text) => toml::Value::String(text.clone().into_owned()),
        // What is no such number is refused by whoever wants one.
        DeValue::Integer(number) => {
            decimal(number).parse().map_or_else(|_| decimal(number).into(), toml::Value::Integer)
        }
        DeValue::Float(number) => number.as_str().parse().map_or_else(|_| number.as_str().into(), toml::Value::Float),
        DeValue::Boolean(value) => toml::Value::Boolean(*value),
        DeValue::Datetime(value) => toml::Value::Datetime(*value),
        DeValue::Array(values) => values.iter().map(|value| owned(value.get_ref())).collect::<Vec<_>>().into(),
        DeValue::Table(table) => {
            let pairs = table.iter().map(|(key, value)| (key.get_ref().to_string(), owned(value.get_ref())));
            toml::Value::Table(pairs.collect())
        }
    }
}

/// 0x10 and 16 are the same number; flags know the latter.
fn decimal(number: &DeInteger<'_>) -> String {
    i128::from_str_radix(number.as_str(), number.radix())
        .map_or_else(|_| number.as_str().to_owned(), |number| number.to_string())
}
