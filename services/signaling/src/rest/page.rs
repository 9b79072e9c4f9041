//! Long lists, a page at a time. A cursor is the name that the page before ended with, so that what comes and goes meanwhile
//! neither hides nor doubles what stays.

use antiphon_service_kit::problem::Problem;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::extract::invalid;

/// Items of a page where the request does not say.
const USUAL: u32 = 50;

/// Items of a page at most.
const MOST: u32 = 100;

/// Which page is asked for.
pub(super) struct Page {
    /// Items at most.
    pub(super) limit: usize,
    /// The page begins behind this name.
    pub(super) after: Option<String>,
}

impl Page {
    /// From the query's `limit` and `cursor`.
    pub(super) fn new(limit: Option<u32>, cursor: Option<&str>) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            return Err(invalid("limit", format!("limit must be 1 to {MOST}")));
        }
        let after = cursor.map(|cursor| {
            let name = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            name.ok_or_else(foreign_cursor)
        });
        Ok(Self { limit: limit as usize, after: after.transpose()? })
    }

    /// The name that the page begins behind.
    pub(super) fn after<T: std::str::FromStr>(&self) -> Result<Option<T>, Problem> {
        self.after.as_deref().map(|name| name.parse().map_err(|_| foreign_cursor())).transpose()
    }

    /// How many items to look for: one more tells whether another page follows.
    pub(super) fn sought(&self) -> usize {
        self.limit + 1
    }

    /// Cuts what was found to the page; the cursor of the next one, where there is one.
    pub(super) fn cut<T>(&self, found: &mut Vec<T>, name: impl Fn(&T) -> String) -> Option<String> {
        if found.len() <= self.limit {
            return None;
        }
        found.truncate(self.limit);
        found.last().map(|last| URL_SAFE_NO_PAD.encode(name(last)))
    }
}

pub(super) fn foreign_cursor() -> Problem {
    invalid("cursor", "cursor must be the nextCursor of the page before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_the_next_page_and_the_last_page_has_none() {
        let page = Page::new(Some(2), None).expect("in range");
        let mut found = vec!["a", "ä ö", "c"];
        assert_eq!(page.sought(), 3);
        let cursor = page.cut(&mut found, ToString::to_string).expect("more follows");
        assert_eq!(found, ["a", "ä ö"]);
        let next = Page::new(Some(2), Some(&cursor)).expect("its own cursor");
        assert_eq!(next.after.as_deref(), Some("ä ö"));
        assert_eq!(next.cut(&mut vec!["c", "d"], ToString::to_string), None);
    }

    #[test]
    fn a_limit_out_of_range_and_a_foreign_cursor_are_refused() {
        assert!(Page::new(Some(0), None).is_err());
        assert!(Page::new(Some(MOST), None).is_ok());
        assert!(Page::new(Some(MOST + 1), None).is_err());
        assert!(Page::new(None, Some("?")).is_err());
        assert!(Page::new(None, Some("_w")).is_err());
    }
}
