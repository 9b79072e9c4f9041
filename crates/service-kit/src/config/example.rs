use std::fmt::Write as _;

use clap::{Arg, Command};

use super::load::{table_of, takes_tables};

const WIDTH: usize = 110;

const ORDER: &str = "A setting is also a flag of the same name (--listen) and an environment variable. A flag wins over the environment, the \
                     environment over this file.";

/// `config`, a command of each binary that has settings.
#[derive(Debug, clap::Args)]
pub struct ShowConfig {
    /// Print a file of every setting with its meaning and default.
    #[arg(long, required = true)]
    pub example: bool,
}

/// A file of every setting that a command takes, each with its meaning and, commented out, its default.
#[must_use]
pub fn example(command: &Command) -> String {
    let name = command.get_name();
    let mut text = String::new();
    wrap(
        &mut text,
        &format!(
            "Every setting of `{name} --config FILE`, with its meaning and its default. Printed by `{name} config --example`."
        ),
    );
    text.push_str("#\n");
    wrap(&mut text, ORDER);
    let mut current = None;
    for arg in command.get_arguments() {
        let (Some(table), Some(key)) = (table_of(arg), arg.get_long()) else { continue };
        if current.as_ref() != Some(&table) {
            let _ = write!(text, "\n[{table}]\n");
            current = Some(table);
        }
        describe(&mut text, arg, key);
    }
    text
}

fn describe(text: &mut String, arg: &Arg, key: &str) {
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let stop = if help.ends_with('.') { "" } else { "." };
    text.push('\n');
    let (prose, verbatim) = help.split_once("\n\n  ").unwrap_or((&help, ""));
    let stop = if prose.ends_with('.') { "" } else { stop };
    wrap(text, &format!("{prose}{stop}"));
    for line in verbatim.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "#   {}", line.trim_start());
    }
    let choices: Vec<_> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if !choices.is_empty() && !is_bool(arg) {
        wrap(text, &format!("One of: {}.", choices.join(", ")));
    }
    if let Some(variable) = arg.get_env() {
        let _ = writeln!(text, "# Environment: {}", variable.to_string_lossy());
    }
    let _ = writeln!(text, "#{key} = {}", default_of(arg));
}

/// The default in TOML; where there is none, what stands for it in the help.
fn default_of(arg: &Arg) -> String {
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| literal(&value.to_string_lossy())).collect();
    if arg.get_value_delimiter().is_some() || takes_tables(arg) {
        return format!("[{}]", defaults.join(", "));
    }
    if defaults.is_empty() && is_bool(arg) {
        return "false".to_owned();
    }
    let placeholder = || arg.get_value_names().and_then(|names| names.first()).map(|name| format!("\"{name}\""));
    defaults.into_iter().next().or_else(placeholder).unwrap_or_else(|| "\"\"".to_owned())
}

fn is_bool(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == clap::builder::ValueParser::bool().type_id()
}

fn literal(value: &str) -> String {
    let bare = value.parse::<i64>().is_ok() || value.parse::<bool>().is_ok();
    if bare { value.to_owned() } else { toml::Value::from(value).to_string() }
}

fn wrap(text: &mut String, paragraph: &str) {
    let mut width = WIDTH;
    for word in paragraph.split_whitespace() {
        if width + 1 + word.len() > WIDTH {
            text.push_str(if text.is_empty() || text.ends_with('\n') { "#" } else { "\n#" });
            width = 1;
        }
        let _ = write!(text, " {word}");
        width += 1 + word.len();
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use clap::Args as _;

    use super::*;
    use crate::{auth::AuthConfig, serve::ServeConfig, telemetry::LogConfig};

    #[test]
    fn every_setting_stands_in_its_table_with_its_default() {
        let command =
            LogConfig::augment_args(AuthConfig::augment_args(ServeConfig::augment_args(Command::new("test"))));
        let text = example(&command);
        for line in [
            "[http]",
            "#header-timeout = \"10s\"",
            "#max-connections = 100000",
            "[auth]",
            "#keys = []",
            "#keys-file = \"FILE\"",
            "[log]",
        ] {
            assert!(text.lines().any(|candidate| candidate == line), "{line} in {text}");
        }
        let uncommented: Vec<_> =
            text.lines().map(|line| if line.starts_with("# ") { line } else { line.trim_start_matches('#') }).collect();
        uncommented.join("\n").parse::<toml::Table>().expect("valid TOML");
        assert!(text.lines().all(|line| line.len() <= WIDTH + 1), "{text}");
    }
}
