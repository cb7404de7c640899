//! What the path of a call names.

/// What a path names besides the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathValues<'a> {
    /// `{clientId}`: a number or an alias.
    pub client: Option<&'a str>,
    /// `{subject}`.
    pub subject: Option<&'a str>,
    /// `{token}`: an access or refresh token, or the hash of one.
    pub token: Option<&'a str>,
    /// `{tokenBatchRequestId}`.
    pub batch: Option<&'a str>,
    /// `{handle}`: a key in an HSM.
    pub handle: Option<&'a str>,
}

impl<'a> PathValues<'a> {
    /// The names that stand in the table's paths.
    pub const NAMES: [&'static str; 5] = ["clientId", "subject", "token", "tokenBatchRequestId", "handle"];

    /// The values under their names.
    pub fn named(self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let values = [self.client, self.subject, self.token, self.batch, self.handle];
        Self::NAMES.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?)))
    }
}

/// The part of a request that its path carries.
pub trait Target: Sized {
    /// `None` when the path lacks a value that the row is about.
    fn from_path(values: PathValues<'_>) -> Option<Self>;
    fn values(&self) -> PathValues<'_>;
}

impl Target for () {
    fn from_path(_: PathValues<'_>) -> Option<Self> {
        Some(())
    }

    fn values(&self) -> PathValues<'_> {
        PathValues::default()
    }
}

/// A client, by its number or its alias.
pub struct ClientPath(pub String);

impl<T: ToString> From<T> for ClientPath {
    fn from(client: T) -> Self {
        Self(client.to_string())
    }
}

impl Target for ClientPath {
    fn from_path(values: PathValues<'_>) -> Option<Self> {
        values.client.map(|client| Self(client.to_owned()))
    }

    fn values(&self) -> PathValues<'_> {
        PathValues { client: Some(&self.0), ..PathValues::default() }
    }
}

/// A resource owner.
pub struct SubjectPath(pub String);

impl From<&str> for SubjectPath {
    fn from(subject: &str) -> Self {
        Self(subject.to_owned())
    }
}

impl Target for SubjectPath {
    fn from_path(values: PathValues<'_>) -> Option<Self> {
        values.subject.map(|subject| Self(subject.to_owned()))
    }

    fn values(&self) -> PathValues<'_> {
        PathValues { subject: Some(&self.0), ..PathValues::default() }
    }
}

/// A client and a resource owner.
pub struct ClientSubjectPath {
    pub client: String,
    pub subject: String,
}

impl Target for ClientSubjectPath {
    fn from_path(values: PathValues<'_>) -> Option<Self> {
        Some(Self { client: values.client?.to_owned(), subject: values.subject?.to_owned() })
    }

    fn values(&self) -> PathValues<'_> {
        PathValues { client: Some(&self.client), subject: Some(&self.subject), ..PathValues::default() }
    }
}

/// A token, by its value or the hash of it.
pub struct TokenPath(pub String);

impl From<&str> for TokenPath {
    fn from(token: &str) -> Self {
        Self(token.to_owned())
    }
}

impl Target for TokenPath {
    fn from_path(values: PathValues<'_>) -> Option<Self> {
        values.token.map(|token| Self(token.to_owned()))
    }

    fn values(&self) -> PathValues<'_> {
        PathValues { token: Some(&self.0), ..PathValues::default() }
    }
}

/// A batch of tokens.
pub struct TokenBatchPath(pub String);

impl From<&str> for TokenBatchPath {
    fn from(batch: &str) -> Self {
        Self(batch.to_owned())
    }
}

impl Target for TokenBatchPath {
    fn from_path(values: PathValues<'_>) -> Option<Self> {
        values.batch.map(|batch| Self(batch.to_owned()))
    }

    fn values(&self) -> PathValues<'_> {
        PathValues { batch: Some(&self.0), ..PathValues::default() }
    }
}

/// A key in an HSM.
pub struct KeyPath(pub String);

impl From<&str> for KeyPath {
    fn from(handle: &str) -> Self {
        Self(handle.to_owned())
    }
}

impl Target for KeyPath {
    fn from_path(values: PathValues<'_>) -> Option<Self> {
        values.handle.map(|handle| Self(handle.to_owned()))
    }

    fn values(&self) -> PathValues<'_> {
        PathValues { handle: Some(&self.0), ..PathValues::default() }
    }
}
