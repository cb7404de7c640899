//! Where master keys come from: a file, the environment, or a key service, and one of them alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use placet_ambient::{Entropy, Stopwatch};
use placet_base::Secret;
use placet_store::{MasterKey, MasterKeys, Ticks};

use crate::config::Config;
use crate::serve::{StartError, make_private, write_private};

/// The file of the directory that has the key unless something else is said, and the one that has former keys.
const FILE: &str = "master.key";
const FORMER_FILE: &str = "former.key";
/// The variable of the environment that may have the key, and the one that may have former keys.
pub(crate) const VARIABLE: &str = "PLACET_MASTER_KEY";
pub(crate) const FORMER_VARIABLE: &str = "PLACET_MASTER_KEY_FORMER";
/// Master keys of before the present one that are known.
pub(crate) const FORMER: usize = 8;

/// What is said about master keys.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub file: Option<PathBuf>,
    pub former_file: Option<PathBuf>,
    pub(crate) variable: Option<Hidden>,
    pub(crate) former_variable: Option<Hidden>,
    pub aws_kms: AwsKms,
}

/// A key that AWS Key Management Service has encrypted, and where that is.
#[derive(Clone, Debug, Default)]
pub struct AwsKms {
    pub file: Option<PathBuf>,
    pub former_file: Option<PathBuf>,
    pub region: Option<String>,
    pub endpoint: Option<String>,
}

/// A text that is not shown.
#[derive(Clone)]
pub(crate) struct Hidden(Arc<Secret>);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Hidden {
    pub(crate) fn new(text: String) -> Self {
        Self(Arc::new(Secret::new(text)))
    }

    fn keys(&self, variable: &str) -> Result<Vec<MasterKey>, StartError> {
        let parsed: Option<Vec<_>> = self.0.expose().split_whitespace().map(MasterKey::parse).collect();
        let keys = parsed.filter(|keys| !keys.is_empty());
        keys.ok_or_else(|| StartError::new(format!("environment: {variable}: {DIGITS}")))
    }
}

const DIGITS: &str = "expected 64 hexadecimal digits";

impl Source {
    /// What is wrong with it, before anything is read.
    pub(crate) fn problems(&self) -> Vec<String> {
        let aws = [
            ("master_key.aws_kms_file", self.aws_kms.file.is_some()),
            ("master_key.aws_kms_region", self.aws_kms.region.is_some()),
        ];
        let others = [
            ("master_key.aws_kms_endpoint", self.aws_kms.endpoint.is_some()),
            ("master_key.aws_kms_former_file", self.aws_kms.former_file.is_some()),
        ];
        let by_aws = aws.iter().chain(&others).any(|(_, given)| *given);
        let mut problems = Vec::new();
        for (name, _) in aws.iter().filter(|(_, given)| by_aws && !given) {
            problems.push(format!("{name}: missing; a key of AWS KMS is nothing without it"));
        }
        let sources = [
            ("master_key.file", self.file.is_some()),
            (VARIABLE, self.variable.is_some()),
            ("master_key.aws_kms_file", by_aws),
        ];
        let given: Vec<_> = sources.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
        if given.len() > 1 {
            problems.push(format!("{}: the master key comes from one place", given.join(" and ")));
        }
        problems
    }

    /// What the operator knows it as.
    pub(crate) fn name(&self, directory: &Path) -> String {
        match (&self.variable, &self.aws_kms.file) {
            (Some(_), _) => VARIABLE.to_owned(),
            (None, Some(file)) => file.display().to_string(),
            (None, None) => self.path(directory).display().to_string(),
        }
    }

    fn path(&self, directory: &Path) -> PathBuf {
        self.file.clone().unwrap_or_else(|| directory.join(FILE))
    }

    /// Whether the key is in the file that is expected where nothing is said.
    pub fn is_default(&self) -> bool {
        self.file.is_none() && self.variable.is_none() && self.aws_kms.file.is_none()
    }

    /// A key that lies where it would be looked for if nothing were said is a second one, unless it is a former one.
    fn is_one(&self, directory: &Path) -> Result<(), StartError> {
        let other = directory.join(FILE);
        let is_meant = [&self.file, &self.former_file].into_iter().flatten().any(|path| *path == other);
        if self.is_default() || is_meant || !other.exists() {
            return Ok(());
        }
        Err(StartError::new(format!(
            "{} and {}: the master key comes from one place; what was the key before is master_key.former_file",
            self.name(directory),
            other.display(),
        )))
    }
}

/// The master keys of a configuration. A store without its key is of no use, so a new key is never made beside an old
/// store, and where it is said where the key is, none is made at all.
///
/// # Errors
/// When the present key, or a file with former ones, cannot be had.
pub(crate) async fn load(config: &Config, store_exists: bool) -> Result<MasterKeys, StartError> {
    let (source, directory) = (&config.master_key, config.directory.as_path());
    source.is_one(directory)?;
    let entropy = &config.ambient.entropy;
    let present = match (&source.variable, &source.aws_kms.file) {
        (Some(variable), _) => one(variable.keys(VARIABLE)?, VARIABLE)?,
        (None, Some(file)) => one(of_aws_kms(config, file).await?, &file.display().to_string())?,
        (None, None) => {
            let path = source.path(directory);
            let makes = (!store_exists && source.is_default()).then_some(entropy);
            // Others are where somebody else says who may read them.
            if source.is_default() && path.exists() {
                make_private(&path).map_err(|e| StartError::at(&path, e))?;
            }
            one(of_file(&path, makes)?, &path.display().to_string())?
        }
    };
    Ok(MasterKeys::new(present, former(config).await?))
}

async fn former(config: &Config) -> Result<Vec<MasterKey>, StartError> {
    let source = &config.master_key;
    let mut former = Vec::new();
    let default = config.directory.join(FORMER_FILE);
    let file = source.former_file.clone().or_else(|| default.exists().then_some(default));
    if let Some(file) = file {
        if source.former_file.is_none() {
            make_private(&file).map_err(|e| StartError::at(&file, e))?;
        }
        former.extend(of_file(&file, None)?);
    }
    if let Some(variable) = &source.former_variable {
        former.extend(variable.keys(FORMER_VARIABLE)?);
    }
    if let Some(file) = &source.aws_kms.former_file {
        former.extend(of_aws_kms(config, file).await?);
    }
    if former.len() > FORMER {
        return Err(StartError::new(format!("there are more than {FORMER} former master keys")));
    }
    Ok(former)
}

/// Of the present key there is one.
fn one(mut keys: Vec<MasterKey>, place: &str) -> Result<MasterKey, StartError> {
    match (keys.pop(), keys.is_empty()) {
        (Some(key), true) => Ok(key),
        _ => Err(StartError::new(format!("{place}: expected one master key"))),
    }
}

/// The keys of a file, one each line; one is made where that is said, and there is no file.
fn of_file(path: &Path, makes: Option<&Entropy>) -> Result<Vec<MasterKey>, StartError> {
    let text = match (fs::read_to_string(path), makes) {
        (Ok(text), _) => Secret::new(text),
        (Err(e), Some(entropy)) if e.kind() == io::ErrorKind::NotFound => {
            let text = Secret::new(HEXLOWER.encode(&entropy.bytes::<32>()));
            write_private(path, text.expose()).map_err(|e| StartError::at(path, e))?;
            text
        }
        (Err(e), _) => {
            return Err(StartError::at(path, format!("the master key of the store cannot be read: {e}")));
        }
    };
    let parsed: Option<Vec<_>> = text.expose().split_whitespace().map(MasterKey::parse).collect();
    parsed.filter(|keys| !keys.is_empty()).ok_or_else(|| StartError::at(path, DIGITS))
}

/// The keys of a file that AWS KMS has encrypted, in Base64, one each line.
#[cfg(feature = "aws-kms")]
async fn of_aws_kms(config: &Config, file: &Path) -> Result<Vec<MasterKey>, StartError> {
    let text = fs::read_to_string(file).map_err(|e| StartError::at(file, e))?;
    let AwsKms { region, endpoint, .. } = config.master_key.aws_kms.clone();
    let settings = placet_hsm_aws_kms::Settings {
        name: "master_key".to_owned(),
        region: region.unwrap_or_default(),
        endpoint,
    };
    let mut keys = Vec::new();
    for line in text.split_whitespace() {
        let encrypted = data_encoding::BASE64.decode(line.as_bytes());
        let encrypted = encrypted.map_err(|_| StartError::at(file, "expected Base64"))?;
        let plain = placet_hsm_aws_kms::decrypted(&settings, config.hardware, encrypted).await;
        let plain = plain.map_err(|e| StartError::at(file, format!("AWS KMS: {e}")))?;
        let secret = <[u8; 32]>::try_from(plain.expose().as_slice()).map(Secret::new);
        let key = secret.ok().and_then(|secret| MasterKey::new(secret).ok());
        keys.push(key.ok_or_else(|| StartError::at(file, "expected a key of 32 bytes"))?);
    }
    Ok(keys)
}

#[cfg(not(feature = "aws-kms"))]
async fn of_aws_kms(_: &Config, file: &Path) -> Result<Vec<MasterKey>, StartError> {
    Err(StartError::at(file, "this build knows no AWS KMS; `--features aws-kms` makes one that does"))
}

/// The clock of leases.
pub(crate) fn ticks() -> Ticks {
    let began = Stopwatch::start();
    Arc::new(move || began.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_environment_is_not_shown() {
        let digits = "07".repeat(32);
        let hidden = Hidden::new(digits.clone());
        let source = Source { variable: Some(hidden.clone()), ..Source::default() };
        assert!(!format!("{source:?}").contains("0707"));
        assert_eq!(hidden.keys(VARIABLE).unwrap().len(), 1);
        let wrong = Hidden::new(format!("{digits}0")).keys(VARIABLE).err().unwrap().to_string();
        assert_eq!(wrong, "environment: PLACET_MASTER_KEY: expected 64 hexadecimal digits");
    }

    #[test]
    fn two_places_are_refused_by_name() {
        let file = Some(PathBuf::from("/k"));
        let source =
            Source { file: file.clone(), variable: Some(Hidden::new("07".repeat(32))), ..Source::default() };
        let expected = "master_key.file and PLACET_MASTER_KEY: the master key comes from one place";
        assert_eq!(source.problems(), [expected]);
        let aws_kms = AwsKms { file, ..AwsKms::default() };
        let source = Source { aws_kms, ..Source::default() };
        let expected = "master_key.aws_kms_region: missing; a key of AWS KMS is nothing without it";
        assert_eq!(source.problems(), [expected]);
    }
}
