//! Files that are read again when their content changes.

use std::{io, path::PathBuf};

use sha2::{Digest as _, Sha256};

/// Compares contents rather than times: a mounted Secret changes by a symlink, and a copy may keep its time.
#[derive(Debug)]
pub struct Watched {
    paths: Vec<PathBuf>,
    digest: Option<[u8; 32]>,
}

impl Watched {
    /// Knows what is in these files now.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>) -> Self {
        let digest = digest(&paths).ok();
        Self { paths, digest }
    }

    /// Which files.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Has anything changed since it was last asked? A file that cannot be read counts as a change of its own.
    pub fn changed(&mut self) -> bool {
        let digest = digest(&self.paths).ok();
        std::mem::replace(&mut self.digest, digest) != digest
    }
}

fn digest(paths: &[PathBuf]) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    for path in paths {
        let content = std::fs::read(path)?;
        hash.update(content.len().to_be_bytes());
        hash.update(content);
    }
    Ok(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_whatever_the_times_say() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("file");
        std::fs::write(&path, "one").expect("written");
        let mut watched = Watched::new(vec![path.clone()]);
        assert!(!watched.changed());
        std::fs::write(&path, "two").expect("written");
        assert!(watched.changed());
        assert!(!watched.changed());
        std::fs::remove_file(&path).expect("removed");
        assert!(watched.changed());
        assert!(!watched.changed());
    }
}
