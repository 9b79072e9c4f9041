//! The file `issuers-file`: who signs with a private key of its own, and where the public ones are.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use antiphon_protocol::TenantId;
use serde::Deserialize;

use super::{
    KeysFileError,
    issuer::Issuer,
    jwks::{self, InvalidJwks, MAX_KEYS},
    key::is_plain,
    public_key::{InvalidPublicKey, PublicKey},
    remote::{FETCH_TIMEOUT, MAX_JWKS_BYTES, Pace, Remote},
};
use crate::fetch::{FetchUrl, Fetcher, InvalidUrl};

/// The longest `iss`.
const MAX_ISSUER_BYTES: usize = 256;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    issuers: Vec<toml::Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Entry {
    issuer: String,
    tenant: String,
    audience: Option<String>,
    jwks_url: Option<String>,
    jwks_file: Option<PathBuf>,
    #[serde(default)]
    public_key_files: Vec<PathBuf>,
}

/// What is wrong with one issuer.
#[derive(Debug, thiserror::Error)]
pub enum InvalidIssuer {
    /// Nothing tokens could name.
    #[error("issuer: expected 1 to 256 bytes, what tokens name in iss")]
    Name,
    /// Not a tenant's name.
    #[error("tenant: expected 1 to 64 characters of A-Z a-z 0-9 . _ -")]
    Tenant,
    /// An audience that nothing can name.
    #[error("audience: expected a text that is not empty")]
    Audience,
    /// Nothing to verify with, or too much.
    #[error("expected one of jwks-url, jwks-file and public-key-files")]
    Source,
    /// The URL cannot be fetched from.
    #[error("jwks-url: {0}")]
    Url(InvalidUrl),
    /// A file that cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file that is larger than any key.
    #[error("{}: larger than 64 KiB", .0.display())]
    TooLarge(PathBuf),
    /// A file that is no public key.
    #[error("{}: {error}", path.display())]
    PublicKey {
        /// Which.
        path: PathBuf,
        /// Why.
        error: InvalidPublicKey,
    },
    /// A file that is no JWK set.
    #[error("{}: {error}", path.display())]
    Jwks {
        /// Which.
        path: PathBuf,
        /// Why.
        error: InvalidJwks,
    },
    /// More than are tried.
    #[error("public-key-files: expected 16 at most")]
    TooMany,
}

/// Reads the file and those that it names, which are found from its directory. Every file that has a part in it is added to `files`,
/// also where it cannot be read.
pub(super) fn read(path: &Path, pace: Pace, files: &mut Vec<PathBuf>) -> Result<Vec<Issuer>, KeysFileError> {
    files.push(path.to_owned());
    let text = std::fs::read_to_string(path).map_err(|error| KeysFileError::Unreadable {
        key: "issuers-file",
        path: path.to_owned(),
        error,
    })?;
    let line_of = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
    let file: File = toml::from_str(&text).map_err(|error| KeysFileError::NotIssuers {
        path: path.to_owned(),
        line: line_of(error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    let mut reader = Reader { directory: path.parent().unwrap_or(Path::new("")), files, pace, fetcher: None };
    let mut issuers = Vec::with_capacity(file.issuers.len());
    for entry in file.issuers {
        let line = line_of(entry.span().start);
        let issuer = reader.read(entry.into_inner());
        issuers.push(issuer.map_err(|error| KeysFileError::Issuer { path: path.to_owned(), line, error })?);
    }
    Ok(issuers)
}

struct Reader<'a> {
    directory: &'a Path,
    files: &'a mut Vec<PathBuf>,
    pace: Pace,
    fetcher: Option<Arc<Fetcher>>,
}

impl Reader<'_> {
    fn read(&mut self, entry: Entry) -> Result<Issuer, InvalidIssuer> {
        let Entry { issuer, tenant, audience, jwks_url, jwks_file, public_key_files } = entry;
        if !(1..=MAX_ISSUER_BYTES).contains(&issuer.len()) {
            return Err(InvalidIssuer::Name);
        }
        let tenant: TenantId = Some(tenant)
            .filter(|tenant| is_plain(tenant))
            .and_then(|tenant| tenant.parse().ok())
            .ok_or(InvalidIssuer::Tenant)?;
        if audience.as_ref().is_some_and(String::is_empty) {
            return Err(InvalidIssuer::Audience);
        }
        let (keys, remote) = match (jwks_url, jwks_file, public_key_files.as_slice()) {
            (Some(url), None, []) => {
                let url: FetchUrl = url.parse().map_err(InvalidIssuer::Url)?;
                let fetcher = self.fetcher.get_or_insert_with(|| Arc::new(Fetcher::new(FETCH_TIMEOUT, MAX_JWKS_BYTES)));
                (Vec::new(), Some(Remote::new(url, self.pace, Arc::clone(fetcher))))
            }
            (None, Some(path), []) => {
                let (path, json) = self.content(&path)?;
                (jwks::parse(&json).map_err(|error| InvalidIssuer::Jwks { path, error })?, None)
            }
            (None, None, [_, ..]) if public_key_files.len() <= MAX_KEYS => {
                let keys = public_key_files.iter().map(|path| {
                    let (path, pem) = self.content(path)?;
                    PublicKey::from_pem(&pem).map_err(|error| InvalidIssuer::PublicKey { path, error })
                });
                (keys.collect::<Result<_, _>>()?, None)
            }
            (None, None, [_, ..]) => return Err(InvalidIssuer::TooMany),
            _ => return Err(InvalidIssuer::Source),
        };
        Ok(Issuer::new(issuer, tenant, audience, keys, remote))
    }

    fn content(&mut self, path: &Path) -> Result<(PathBuf, Vec<u8>), InvalidIssuer> {
        let path = self.directory.join(path);
        self.files.push(path.clone());
        match std::fs::read(&path) {
            Ok(content) if content.len() > MAX_JWKS_BYTES => Err(InvalidIssuer::TooLarge(path)),
            Ok(content) => Ok((path, content)),
            Err(error) => Err(InvalidIssuer::Unreadable { path, error }),
        }
    }
}
