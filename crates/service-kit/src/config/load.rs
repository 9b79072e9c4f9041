use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use clap::{Arg, ArgMatches, Command, builder::Resettable};

use super::{
    ConfigError,
    error::expected,
    file::{File, Setting, TableValue, Value},
};

/// Where the configuration's file is.
#[derive(Debug, Clone, clap::Args)]
pub struct ConfigFile {
    /// A file of settings (TOML). `config --example` shows them all.
    #[arg(long, env = "ANTIPHON_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Reads flags, environment and, where [`ConfigFile`] is among the arguments and names one, the file.
///
/// # Errors
/// One line that says what is wrong where.
pub fn parse<P: clap::Parser>(arguments: impl IntoIterator<Item = OsString>) -> Result<P, ConfigError> {
    let matches = parse_matches(P::command(), arguments)?;
    Ok(P::from_arg_matches(&matches)?)
}

/// As [`parse`], for a command that was put together by hand.
///
/// # Errors
/// One line that says what is wrong where.
pub fn parse_matches(
    command: Command,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<ArgMatches, ConfigError> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    refuse_secrets_among(&arguments, &command)?;
    let matches = command.clone().try_get_matches_from(&arguments);
    if matches.is_err() {
        // `clap` does not tell a variable's value from a flag's.
        check_environment(&command, &arguments)?;
    }
    let matches = matches?;
    let path = matches.try_get_one::<PathBuf>("config").ok().flatten();
    match path {
        Some(path) if matches.subcommand_name().is_none() => {
            let file = File::read(path)?;
            Ok(with_defaults_from(command, &file)?.try_get_matches_from(&arguments)?)
        }
        Some(_) | None => Ok(matches),
    }
}

/// The table of a file that an argument belongs to; `None`: it is not for files.
pub(super) fn table_of(arg: &Arg) -> Option<String> {
    arg.get_long()?;
    Some(arg.get_help_heading()?.to_lowercase())
}

/// Is it for `[[tables]]` of a file? Its parser reads a table as one value: in TOML, on one line.
pub(super) fn takes_tables(arg: &Arg) -> bool {
    matches!(arg.get_value_names(), Some([name]) if name == "TABLE")
}

/// Is its value kept out of messages?
fn is_secret(arg: &Arg) -> bool {
    arg.is_hide_env_values_set()
}

fn check_environment(command: &Command, arguments: &[OsString]) -> Result<(), ConfigError> {
    for arg in command.get_arguments() {
        let Some(variable) = arg.get_env() else { continue };
        let flagged = arguments.iter().any(|argument| is_flag(argument, arg));
        let Some(value) = std::env::var_os(variable).filter(|_| !flagged) else { continue };
        let variable = variable.to_string_lossy().into_owned();
        let Some(value) = value.to_str() else {
            return Err(ConfigError::Environment { variable, message: "expected UTF-8".to_owned() });
        };
        if let Err(message) = check(arg, value) {
            return Err(ConfigError::Environment { variable, message });
        }
    }
    Ok(())
}

fn refuse_secrets_among(arguments: &[OsString], command: &Command) -> Result<(), ConfigError> {
    let given = |arg: &&Arg| is_secret(arg) && arguments.iter().any(|argument| is_flag(argument, arg));
    let Some(arg) = command.get_arguments().find(given) else { return Ok(()) };
    let flag = arg.get_long().unwrap_or_default();
    let variable = arg.get_env().unwrap_or_default().to_string_lossy();
    Err(ConfigError::Usage(format!(
        "--{flag}: every user of this machine sees the arguments of its processes: use the environment variable \
         {variable} or a file"
    )))
}

fn is_flag(argument: &OsStr, arg: &Arg) -> bool {
    let long = argument.to_str().and_then(|argument| argument.strip_prefix("--"));
    long.is_some_and(|long| long.split('=').next() == arg.get_long())
}

/// The command, with the file's values in the place of the defaults: so flags and environment win over them.
fn with_defaults_from(mut command: Command, file: &File) -> Result<Command, ConfigError> {
    for setting in file.settings()? {
        let arg = find(&command, &setting).map_err(|message| file.error(setting.line, message))?;
        let wrong = |expected: &str| Err(file.error(setting.line, format!("{setting}: expected {expected}")));
        let values = match &setting.value {
            Value::Tables(tables) if takes_tables(arg) => {
                check_tables(arg, &setting, tables, file)?;
                tables.iter().map(|table| table.text.clone()).collect()
            }
            Value::Tables(_) => return wrong("a value or a list of values, found a table"),
            Value::One(_) if takes_tables(arg) => return wrong(&format!("a list of tables: [[{setting}]]")),
            Value::Many(values) if takes_tables(arg) && !values.is_empty() => {
                return wrong(&format!("a list of tables: [[{setting}]]"));
            }
            Value::One(value) => vec![value.clone()],
            Value::Many(values) if takes_many(arg) => values.clone(),
            Value::Many(_) => return wrong("one value, found a list"),
        };
        for value in values.iter().filter(|_| !takes_tables(arg)) {
            check(arg, value).map_err(|message| file.error(setting.line, format!("{setting}: {message}")))?;
        }
        let id = arg.get_id().clone();
        command = command.mut_arg(id, |arg| arg.default_value(Resettable::Reset).default_values(values));
    }
    Ok(command)
}

/// Has the argument's parser read each table; says which of them it does not take, and where.
fn check_tables(arg: &Arg, setting: &Setting, tables: &[TableValue], file: &File) -> Result<(), ConfigError> {
    for (number, table) in (1..).zip(tables) {
        check(arg, &table.text)
            .map_err(|message| file.error(table.line_of(&message), format!("{setting}: table {number}: {message}")))?;
    }
    Ok(())
}

fn find<'a>(command: &'a Command, setting: &Setting) -> Result<&'a Arg, String> {
    let named = |arg: &&Arg| arg.get_long() == Some(setting.key.as_str());
    match command.get_arguments().find(named).map(|arg| (arg, table_of(arg))) {
        Some((arg, Some(table))) if table == setting.table => Ok(arg),
        Some((_, Some(table))) => Err(format!("{setting}: belongs into the table [{table}]")),
        Some((_, None)) => Err(format!("{setting}: is a flag only")),
        None => Err(format!("{setting}: no such setting{}", suggestion(command, setting))),
    }
}

/// The nearest name, where one is near.
fn suggestion(command: &Command, setting: &Setting) -> String {
    const NEAR: f64 = 0.75;

    let names = command.get_arguments().filter_map(|arg| Some((table_of(arg)?, arg.get_long()?)));
    let rated = names.map(|(table, key)| (strsim::jaro_winkler(key, &setting.key), table, key));
    match rated.max_by(|(left, ..), (right, ..)| left.total_cmp(right)) {
        Some((nearness, table, key)) if nearness >= NEAR => format!(", did you mean {table}.{key}?"),
        Some(_) | None => String::new(),
    }
}

fn takes_many(arg: &Arg) -> bool {
    arg.get_value_delimiter().is_some() || matches!(arg.get_action(), clap::ArgAction::Append)
}

/// Has the argument's own parser read one value; says what was expected where it does not.
fn check(arg: &Arg, value: &str) -> Result<(), String> {
    let delimiter = arg.get_value_delimiter().map_or(Resettable::Reset, Resettable::Value);
    let alone = Arg::new("value").long("value").value_parser(arg.get_value_parser().clone());
    let alone = alone.num_args(1).require_equals(true).value_delimiter(delimiter).action(clap::ArgAction::Append);
    let command = Command::new("check").no_binary_name(true).arg(alone);
    let Err(error) = command.try_get_matches_from([format!("--value={value}")]) else { return Ok(()) };
    let expected = expected(&error).unwrap_or_else(|| "expected a value".to_owned());
    Err(if is_secret(arg) { expected } else { format!("{expected}, found {value:?}") })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{auth::AuthConfig, config::HumanDuration, serve::ServeConfig, telemetry::LogConfig};

    #[derive(Debug, Parser)]
    #[command(name = "test")]
    struct Cli {
        #[command(flatten)]
        file: ConfigFile,
        #[command(flatten)]
        auth: AuthConfig,
        #[command(flatten)]
        serve: ServeConfig,
        #[command(flatten)]
        log: LogConfig,
        #[command(flatten)]
        plain: Plain,
    }

    /// Types that have parsers of clap's own.
    #[derive(Debug, clap::Args)]
    #[command(next_help_heading = "Plain")]
    struct Plain {
        #[arg(long)]
        switch: bool,
        #[arg(long, default_value_t = 1)]
        count: u32,
        #[arg(long, default_value = "1")]
        at_least_one: std::num::NonZeroU32,
        #[arg(long, value_name = "TABLE", hide_env_values = true, value_parser = place)]
        places: Vec<String>,
    }

    /// A table with a name, and nothing else.
    fn place(text: &str) -> Result<String, String> {
        let table: toml::Table = format!("place = {text}").parse().map_err(|_| "expected TOML")?;
        match table["place"].as_table().and_then(|place| place.iter().next()) {
            Some((key, toml::Value::String(name))) if key == "name" => Ok(name.clone()),
            Some((key, _)) => Err(format!("{key}: expected a name in quotes")),
            None => Err("expected a name".to_owned()),
        }
    }

    fn parse_with(file: &str, flags: &[&str]) -> Result<Cli, ConfigError> {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.toml");
        std::fs::write(&path, file).expect("written");
        let arguments = ["test", "--config", path.to_str().expect("UTF-8")].into_iter().chain(flags.iter().copied());
        parse(arguments.map(OsString::from)).map_err(|error| {
            let ConfigError::File { line, message, .. } = error else { return error };
            ConfigError::File { path: "a.toml".into(), line, message }
        })
    }

    fn complaint(file: &str) -> String {
        parse_with(file, &[]).expect_err("refused").to_string()
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let file = "[http]\nheader-timeout = \"3s\"\nrequest-timeout = \"4s\"\n";
        let cli = parse_with(file, &["--request-timeout", "5s"]).expect("valid");
        assert_eq!(cli.serve.header_timeout, HumanDuration::from_secs(3));
        assert_eq!(cli.serve.request_timeout, HumanDuration::from_secs(5));
        assert_eq!(cli.serve.tls_handshake_timeout, HumanDuration::from_secs(10));
    }

    #[test]
    fn a_file_gives_numbers_and_lists() {
        let file = r#"
            [http]
            max-connections = 0x10
            [auth]
            keys = ["a:0123456789abcdef0123456789abcdef", "t/b:0123456789abcdef0123456789abcdef"]
        "#;
        let cli = parse_with(file, &[]).expect("valid");
        assert_eq!(cli.serve.max_connections, 16);
        assert_eq!(cli.auth.keys.iter().map(crate::auth::ApiKey::id).collect::<Vec<_>>(), ["a", "b"]);
        assert!(parse_with("[auth]\nkeys = []\n", &[]).expect("valid").auth.keys.is_empty());
    }

    #[test]
    fn a_file_gives_lists_of_tables() {
        let file = "[plain]\n[[plain.places]]\nname = \"a \\\"b\\\"\"\n[[plain.places]]\nname = 'c\\d'\n";
        assert_eq!(parse_with(file, &[]).expect("valid").plain.places, ["a \"b\"", "c\\d"]);
        let inline = "[plain]\nplaces = [{ name = \"a\" }]";
        assert_eq!(parse_with(inline, &[]).expect("valid").plain.places, ["a"]);
        assert!(parse_with("[plain]\nplaces = []", &[]).expect("valid").plain.places.is_empty());
    }

    #[test]
    fn what_is_wrong_in_a_file_is_said_in_one_line() {
        let cases = [
            (
                "[http]\n\nheader-timeuot = \"1s\"",
                "a.toml:3: http.header-timeuot: no such setting, did you mean http.header-timeout?",
            ),
            ("[nothing]\nzzz = 1", "a.toml:2: nothing.zzz: no such setting"),
            ("[auth]\nheader-timeout = \"1s\"", "a.toml:2: auth.header-timeout: belongs into the table [http]"),
            ("header-timeout = \"1s\"", "a.toml:1: header-timeout: belongs into the table [http]"),
            ("config = \"b.toml\"", "a.toml:1: config: is a flag only"),
            (
                "[http]\nheader-timeout = 30",
                "a.toml:2: http.header-timeout: expected a duration such as \"30s\", \"1h30m\" or \"250ms\", found \"30\"",
            ),
            (
                "[http]\nmax-connections = 0",
                "a.toml:2: http.max-connections: expected a whole number from 1 to 10000000, found \"0\"",
            ),
            (
                "[http]\nmax-connections = true",
                "a.toml:2: http.max-connections: expected a whole number from 1 to 10000000, found \"true\"",
            ),
            ("[http]\nmax-connections = [1, 2]", "a.toml:2: http.max-connections: expected one value, found a list"),
            (
                "[http]\nmax-connections = { a = 1 }",
                "a.toml:2: http.max-connections: expected a value or a list of values, found a table",
            ),
            ("[plain]\ncount = \"few\"", "a.toml:2: plain.count: expected a whole number, found \"few\""),
            ("[plain]\nat-least-one = 0", "a.toml:2: plain.at-least-one: expected a whole number above 0, found \"0\""),
            ("[plain]\nswitch = 1", "a.toml:2: plain.switch: expected true or false, found \"1\""),
            (
                "[[plain.places]]\nname = \"a\"\n[[plain.places]]\n\nname = 7",
                "a.toml:5: plain.places: table 2: name: expected a name in quotes",
            ),
            ("\n[[plain.places]]", "a.toml:2: plain.places: table 1: expected a name"),
            ("[plain]\nplaces = \"a\"", "a.toml:2: plain.places: expected a list of tables: [[plain.places]]"),
            ("[plain]\nplaces = [\"a\"]", "a.toml:2: plain.places: expected a list of tables: [[plain.places]]"),
            (
                "[plain.places]\nname = \"a\"",
                "a.toml:1: plain.places: expected a value or a list of values, found a table",
            ),
            ("[[plain.count]]\na = 1", "a.toml:1: plain.count: expected a value or a list of values, found a table"),
            ("[log]\nlog-format = \"xml\"", "a.toml:2: log.log-format: expected text or json, found \"xml\""),
        ];
        for (file, expected) in cases {
            assert_eq!(complaint(file), expected);
        }
        assert!(complaint("[http]\na = = 1").starts_with("a.toml:2: "));
        assert!(complaint("[http]\nheader-timeout = \"1s\"\nheader-timeout = \"1s\"").starts_with("a.toml:3: "));
    }

    #[test]
    fn a_switch_of_the_file_is_as_if_it_were_given() {
        assert!(parse_with("[plain]\nswitch = true", &[]).expect("valid").plain.switch);
        assert!(!parse_with("[plain]\nswitch = false", &[]).expect("valid").plain.switch);
        assert!(parse_with("[plain]\nswitch = false", &["--switch"]).expect("valid").plain.switch);
        let cli = parse_with("[plain]\ncount = 7\nat-least-one = 8", &[]).expect("valid");
        assert_eq!((cli.plain.count, cli.plain.at_least_one.get()), (7, 8));
    }

    #[test]
    fn a_bad_secret_is_not_repeated() {
        let complaint = complaint("[auth]\nkeys = [\"app:tooshort\"]");
        assert_eq!(
            complaint,
            "a.toml:2: auth.keys: a key's secret has at least 32 bytes, as `openssl rand -hex 32` makes them"
        );
    }

    #[test]
    fn a_secret_is_not_taken_among_the_arguments() {
        for keys in ["--keys=app:0123456789abcdef0123456789abcdef", "--keys=app:0123"] {
            let complaint = parse::<Cli>(["test", keys].map(OsString::from)).expect_err("refused").to_string();
            assert!(complaint.starts_with("--keys: ") && complaint.contains("ANTIPHON_KEYS"), "{complaint}");
            assert!(!complaint.contains("0123"), "{complaint}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_flag_is_said_in_one_line() {
        let cases: [(&[&str], &str); 4] = [
            (
                &["--header-timeout", "x"],
                "--header-timeout: expected a duration such as \"30s\", \"1h30m\" or \"250ms\", found \"x\"",
            ),
            (&["--log-format=xml"], "--log-format: expected text or json, found \"xml\""),
            (&["--header-timeot", "1s"], "unexpected argument '--header-timeot' found, did you mean --header-timeout?"),
            (&["--header-timeout"], "--header-timeout: expected a value"),
        ];
        for (flags, expected) in cases {
            let arguments = ["test"].into_iter().chain(flags.iter().copied()).map(OsString::from);
            assert_eq!(parse::<Cli>(arguments).expect_err("refused").to_string(), expected);
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let arguments = ["test", "--config", "/nowhere/a.toml"].map(OsString::from);
        let complaint = parse::<Cli>(arguments).expect_err("refused").to_string();
        assert!(complaint.starts_with("config /nowhere/a.toml: "), "{complaint}");
    }

    #[test]
    fn help_is_not_an_error() {
        let help = parse::<Cli>(["test", "--help"].map(OsString::from)).expect_err("help");
        assert!(matches!(help, ConfigError::Help(text) if text.contains("--header-timeout")));
    }
}
