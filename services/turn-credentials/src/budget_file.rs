//! What providers have given this month, kept over a restart.

use std::{collections::BTreeMap, io, path::Path};

use antiphon_ice_core::chain::{Month, Spent};

/// By the provider's name: the month, and how many credentials.
type Content = BTreeMap<String, (Month, u64)>;

/// Reads the file; nothing where there is none yet.
pub(crate) fn read(path: &Path) -> anyhow::Result<BTreeMap<String, Spent>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(anyhow::anyhow!("budget-file {}: {error}", path.display())),
    };
    let wrong = |what: &str| anyhow::anyhow!("budget-file {}: {what}; delete it to begin anew", path.display());
    let content: BTreeMap<String, (String, u64)> =
        serde_json::from_str(&text).map_err(|_| wrong("it is not what this service writes"))?;
    let spent = |(name, (month, credentials)): (String, (String, u64))| {
        let month: Month = month.parse().map_err(|_| wrong("it has a month that is none"))?;
        Ok((name, Spent { month, credentials }))
    };
    content.into_iter().map(spent).collect()
}

/// Writes the file anew, whole or not at all.
pub(crate) fn write(path: &Path, spent: impl IntoIterator<Item = (String, Spent)>) -> io::Result<()> {
    let content: Content = spent.into_iter().map(|(name, spent)| (name, (spent.month, spent.credentials))).collect();
    let content: BTreeMap<_, _> =
        content.into_iter().map(|(name, (month, count))| (name, (month.to_string(), count))).collect();
    let beside = path.with_extension("new");
    std::fs::write(&beside, serde_json::to_vec_pretty(&content)?)?;
    std::fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use antiphon_ice_core::UnixTime;

    use super::*;

    #[test]
    fn what_was_written_is_read_and_what_is_not_ours_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("budget.json");
        assert_eq!(read(&path).expect("none yet"), BTreeMap::new());
        let spent = Spent { month: Month::of(UnixTime(1_794_700_800)), credentials: 7 };
        write(&path, [("twilio".to_owned(), spent)]).expect("written");
        assert_eq!(read(&path).expect("ours"), BTreeMap::from([("twilio".to_owned(), spent)]));
        for text in ["", "[]", r#"{"twilio":["2026-13",7]}"#, r#"{"twilio":["november",7]}"#] {
            std::fs::write(&path, text).expect("written");
            assert!(read(&path).expect_err(text).to_string().contains("delete it to begin anew"));
        }
    }
}
