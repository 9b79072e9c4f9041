//! What a provider has given in a month.

use std::{fmt, str::FromStr};

use crate::UnixTime;

/// A calendar month of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Month(
    /// Months since January of the year 0.
    pub u32,
);

const SECONDS_A_DAY: u64 = 86_400;

/// From 0000-03-01, where the cycle of leap years begins, to 1970-01-01.
const DAYS_BEFORE_1970: u64 = 719_468;

/// The days of the Gregorian calendar's 400 years.
const DAYS_OF_ERA: u64 = 146_097;

impl Month {
    /// The month of a time, by the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    #[must_use]
    pub fn of(time: UnixTime) -> Self {
        let days = time.0 / SECONDS_A_DAY + DAYS_BEFORE_1970;
        let (era, day_of_era) = (days / DAYS_OF_ERA, days % DAYS_OF_ERA);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // Years begin in March here: 0 is March, 10 is January of the next year.
        let month = (5 * day_of_year + 2) / 153;
        let months = (era * 400 + year_of_era) * 12 + month + 2;
        Self(u32::try_from(months).unwrap_or(u32::MAX))
    }
}

/// As ISO 8601 has it: `2026-11`.
impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

/// Not a month as ISO 8601 has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a month such as 2026-11")]
pub struct InvalidMonth;

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, InvalidMonth> {
        let (year, month) = text.split_once('-').ok_or(InvalidMonth)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| InvalidMonth);
        let (year, month) = (number(year)?, number(month)?);
        let months = year.checked_mul(12).filter(|_| (1..=12).contains(&month)).ok_or(InvalidMonth)?;
        months.checked_add(month - 1).map(Self).ok_or(InvalidMonth)
    }
}

/// What was given in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Which month.
    pub month: Month,
    /// How many credentials.
    pub credentials: u64,
}

#[derive(Debug, Default)]
pub(super) struct Budget(Spent);

impl Budget {
    pub(super) fn has_left(&self, limit: Option<u64>, month: Month) -> bool {
        limit.is_none_or(|limit| self.spent(month).credentials < limit)
    }

    pub(super) fn take(&mut self, month: Month) {
        let before = self.spent(month);
        self.0 = Spent { credentials: before.credentials.saturating_add(1), ..before };
    }

    /// What another month's request took is past.
    pub(super) fn give_back(&mut self, month: Month) {
        if self.0.month == month {
            self.0.credentials = self.0.credentials.saturating_sub(1);
        }
    }

    /// The month goes on and never back, whatever the clock does: a budget is not given twice.
    pub(super) fn spent(&self, month: Month) -> Spent {
        if month > self.0.month { Spent { month, credentials: 0 } } else { self.0 }
    }

    pub(super) fn restore(&mut self, before: Spent) {
        let own = self.spent(before.month);
        if own.month == before.month {
            self.0 = Spent { credentials: own.credentials.saturating_add(before.credentials), ..own };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_the_calendar_s() {
        for (time, month) in [
            (0, "1970-01"),
            (951_782_399, "2000-02"),
            (951_868_799, "2000-02"),
            (951_868_800, "2000-03"),
            (1_709_251_199, "2024-02"),
            (1_709_251_200, "2024-03"),
            (1_798_761_599, "2026-12"),
            (1_798_761_600, "2027-01"),
            (4_107_542_399, "2100-02"),
            (4_107_542_400, "2100-03"),
        ] {
            assert_eq!(Month::of(UnixTime(time)).to_string(), month, "{time}");
        }
    }

    #[test]
    fn each_day_of_four_hundred_years_is_in_its_month() {
        let (mut day, mut before) = (0, Month::of(UnixTime(0)));
        for year in 1970..2370 {
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let february = if is_leap { 29 } else { 28 };
            for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
                for time in [day * SECONDS_A_DAY, (day + length) * SECONDS_A_DAY - 1] {
                    assert_eq!(Month::of(UnixTime(time)), before, "{year}");
                }
                day += length;
                before = Month(before.0 + 1);
            }
        }
    }

    #[test]
    fn a_month_is_read_as_it_is_written() {
        for month in [Month(0), Month::of(UnixTime(0)), Month::of(UnixTime(1_798_761_599)), Month(u32::MAX)] {
            assert_eq!(month.to_string().parse(), Ok(month));
        }
        for text in ["", "2026", "2026-00", "2026-13", "x-1", "4294967295-01"] {
            assert_eq!(text.parse::<Month>(), Err(InvalidMonth), "{text}");
        }
    }

    #[test]
    fn the_end_of_time_has_a_month() {
        assert_eq!(Month::of(UnixTime(u64::MAX)), Month(u32::MAX));
    }
}
