//! The `[[hsm]]` tables: one for each module that holds keys of services.

use std::path::PathBuf;

use placet_base::url::AbsoluteUri;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::File;

pub(super) const NAME: &str = "hsm";

/// What such a table has, all of it: of a library that speaks PKCS #11, or of a cloud's key service.
const PKCS11: [&str; 4] = ["name", "module", "token", "pin_file"];
const AWS_KMS: [&str; 3] = ["name", "aws_kms_region", "aws_kms_endpoint"];

/// A module, as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Module {
    Pkcs11(placet_hsm_pkcs11::Settings),
    #[cfg(feature = "aws-kms")]
    AwsKms(placet_hsm_aws_kms::Settings),
}

impl Module {
    pub fn name(&self) -> &str {
        match self {
            Self::Pkcs11(settings) => &settings.name,
            #[cfg(feature = "aws-kms")]
            Self::AwsKms(settings) => &settings.name,
        }
    }
}

pub(super) fn read(file: &File<'_>, value: &Spanned<DeValue<'_>>, problems: &mut Vec<String>) -> Vec<Module> {
    let DeValue::Array(tables) = value.get_ref() else {
        problems.push(format!("{}: {NAME}: expected [[{NAME}]] tables", file.place(value.span())));
        return Vec::new();
    };
    let mut all: Vec<Module> = Vec::new();
    for table in tables {
        let Some(module) = one(file, table, problems) else { continue };
        if all.iter().any(|known| known.name() == module.name()) {
            let place = file.place(table.span());
            problems.push(format!("{place}: {NAME}.name: '{}' is the name of another", module.name()));
        }
        all.push(module);
    }
    all
}

fn one(file: &File<'_>, value: &Spanned<DeValue<'_>>, problems: &mut Vec<String>) -> Option<Module> {
    let DeValue::Table(table) = value.get_ref() else {
        problems.push(format!("{}: {NAME}: expected a table", file.place(value.span())));
        return None;
    };
    let in_cloud = table.keys().any(|key| AWS_KMS[1..].contains(&&**key.get_ref()));
    let members = if in_cloud { &AWS_KMS[..] } else { &PKCS11[..] };
    for key in table.keys().filter(|key| !members.contains(&&**key.get_ref())) {
        let place = file.place(key.span());
        problems.push(format!("{place}: {NAME}.{}: there is no such setting", key.get_ref()));
    }
    let place = file.place(value.span());
    if in_cloud { aws_kms(&place, table, problems) } else { pkcs11(&place, table, problems) }
}

fn pkcs11(place: &str, table: &DeTable<'_>, problems: &mut Vec<String>) -> Option<Module> {
    let [name, module, token, pin_file] = PKCS11.map(|member| wanted(place, table, member, problems));
    Some(Module::Pkcs11(placet_hsm_pkcs11::Settings {
        name: name?,
        module: PathBuf::from(module?),
        token: token?,
        pin_file: PathBuf::from(pin_file?),
    }))
}

fn aws_kms(place: &str, table: &DeTable<'_>, problems: &mut Vec<String>) -> Option<Module> {
    let [name, region] = ["name", "aws_kms_region"].map(|member| wanted(place, table, member, problems));
    let endpoint =
        table.contains_key("aws_kms_endpoint").then(|| wanted(place, table, "aws_kms_endpoint", problems));
    if let Some(Some(url)) = &endpoint
        && !is_private(url)
    {
        problems
            .push(format!("{place}: {NAME}.aws_kms_endpoint: expected an https URL, or one on this machine"));
    }
    in_aws_kms(place, name?, region?, endpoint.flatten(), problems)
}

/// What goes there, decrypted content among it, is for nobody on the way.
pub(super) fn is_private(url: &str) -> bool {
    AbsoluteUri::parse(url).is_ok_and(|url| url.is_https() || url.is_http() && url.is_loopback())
}

#[cfg(feature = "aws-kms")]
fn in_aws_kms(
    _: &str,
    name: String,
    region: String,
    endpoint: Option<String>,
    _: &mut Vec<String>,
) -> Option<Module> {
    Some(Module::AwsKms(placet_hsm_aws_kms::Settings { name, region, endpoint }))
}

#[cfg(not(feature = "aws-kms"))]
fn in_aws_kms(
    place: &str,
    _: String,
    _: String,
    _: Option<String>,
    problems: &mut Vec<String>,
) -> Option<Module> {
    problems.push(format!(
        "{place}: {NAME}: this build knows no AWS KMS; `--features aws-kms` makes one that does"
    ));
    None
}

fn wanted(place: &str, table: &DeTable<'_>, member: &str, problems: &mut Vec<String>) -> Option<String> {
    let found = match table.get(member).map(|value| value.get_ref()) {
        Some(DeValue::String(text)) if !text.is_empty() => Some(text.to_string()),
        _ => None,
    };
    if found.is_none() {
        problems.push(format!("{place}: {NAME}.{member}: missing; expected a string"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Module;
    use crate::config::Config;

    fn read(text: &str) -> (Config, Vec<String>) {
        let mut config = Config::new("/data".into());
        let mut problems = Vec::new();
        config.read_file("c.toml", text, &mut problems);
        (config, problems)
    }

    #[test]
    fn modules_are_read_in_their_order() {
        let table = |name: &str| {
            format!("[[hsm]]\nname = \"{name}\"\nmodule = \"/m.so\"\ntoken = \"t\"\npin_file = \"/pin\"\n")
        };
        let (config, problems) = read(&format!("{}{}[hardware]\nthreads = 2\n", table("a"), table("b")));
        assert!(problems.is_empty(), "{problems:?}");
        let names: Vec<_> = config.hsms.iter().map(Module::name).collect();
        assert_eq!((names, config.hardware.threads), (vec!["a", "b"], 2));
        let (_, problems) = read(&format!("{}{}", table("a"), table("a")));
        assert_eq!(problems, ["c.toml:6:1: hsm.name: 'a' is the name of another"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let (_, problems) = read("[[hsm]]\nname = \"a\"\nmodule = 1\ntoken = \"t\"\npin = \"1\"\n");
        let expected = [
            "c.toml:5:1: hsm.pin: there is no such setting",
            "c.toml:1:1: hsm.module: missing; expected a string",
            "c.toml:1:1: hsm.pin_file: missing; expected a string",
        ];
        assert_eq!(problems, expected);
        assert_eq!(read("hsm = 1\n").1, ["c.toml:1:7: hsm: expected [[hsm]] tables"]);
    }

    const REGION: &str = "[[hsm]]\nname = \"c\"\naws_kms_region = \"eu-west-1\"\n";

    #[test]
    #[cfg(feature = "aws-kms")]
    fn a_cloud_is_a_module_among_the_others() {
        let table = |url: &str| format!("{REGION}aws_kms_endpoint = \"{url}\"\n");
        let (config, problems) = read(&table("http://127.0.0.1:4566"));
        assert!(problems.is_empty(), "{problems:?}");
        assert!(matches!(&config.hsms[..], [Module::AwsKms(settings)] if settings.region == "eu-west-1"));
        let (_, problems) = read(&table("http://kms.example"));
        let expected = "c.toml:1:1: hsm.aws_kms_endpoint: expected an https URL, or one on this machine";
        assert_eq!(problems, [expected]);
        let (_, problems) = read(&format!("{REGION}token = \"t\"\n"));
        assert_eq!(problems, ["c.toml:4:1: hsm.token: there is no such setting"]);
    }

    #[test]
    #[cfg(not(feature = "aws-kms"))]
    fn a_cloud_that_the_build_does_not_know_stops_the_start() {
        let (_, problems) = read(REGION);
        assert!(matches!(&problems[..], [problem] if problem.contains("--features aws-kms")), "{problems:?}");
    }
}
