//! Configuration: the same `clap` structs read flags, environment and a file.
//!
//! Each concern is a `#[derive(clap::Args)]` struct with a `next_help_heading`. An argument `--resume-window` under the heading
//! "Signaling" is `resume-window` in the file's table `[signaling]`. A flag wins over the environment, the environment over the
//! file, the file over the default. What is wrong is said in one line that names the place and what was expected.

mod error;
mod example;
mod file;
mod load;
mod quantities;

use std::ops::RangeInclusive;

pub use error::ConfigError;
pub use example::{ShowConfig, example};
pub use load::{ConfigFile, parse, parse_matches};
pub use quantities::{ByteSize, HumanDuration, InvalidQuantity};

/// Reads a whole number within a range; says what was expected where it is none.
pub fn whole_number(range: RangeInclusive<u64>) -> impl Fn(&str) -> Result<u64, String> + Clone + Send + Sync {
    move |text| {
        let expected = || format!("expected a whole number from {} to {}", range.start(), range.end());
        text.parse().ok().filter(|number| range.contains(number)).ok_or_else(expected)
    }
}

/// Reads a duration of at least so much; says what was expected where it is none.
pub fn duration_at_least(least: HumanDuration) -> impl Fn(&str) -> Result<HumanDuration, String> + Clone + Send + Sync {
    move |text| match text.parse::<HumanDuration>() {
        Ok(duration) if duration >= least => Ok(duration),
        Ok(_) => Err(format!("expected {least} at least")),
        Err(invalid) => Err(invalid.to_string()),
    }
}

/// A concern's configuration with nothing set: neither flags nor environment nor file.
///
/// # Panics
/// When one of its arguments has no default, or one that its own parser refuses: a mistake in the struct.
#[must_use]
pub fn defaults<T: clap::Args>() -> T {
    let command = T::augment_args(clap::Command::new("defaults")).mut_args(|arg| arg.env(None));
    let matches = command.try_get_matches_from(["defaults"]).expect("every default is valid");
    T::from_arg_matches(&matches).expect("every argument has a default")
}
