//! The `[[hsm]]` tables: one for each module that holds keys of services.

use std::path::PathBuf;

use placet_hsm_pkcs11::Settings;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::File;

pub(super) const NAME: &str = "hsm";

/// What such a table has, all of it.
const MEMBERS: [&str; 4] = ["name", "module", "token", "pin_file"];

pub(super) fn read(
    file: &File<'_>,
    value: &Spanned<DeValue<'_>>,
    problems: &mut Vec<String>,
) -> Vec<Settings> {
    let DeValue::Array(tables) = value.get_ref() else {
        problems.push(format!("{}: {NAME}: expected [[{NAME}]] tables", file.place(value.span())));
        return Vec::new();
    };
    let mut all: Vec<Settings> = Vec::new();
    for table in tables {
        let Some(settings) = one(file, table, problems) else { continue };
        if all.iter().any(|known| known.name == settings.name) {
            let place = file.place(table.span());
            problems.push(format!("{place}: {NAME}.name: '{}' is the name of another", settings.name));
        }
        all.push(settings);
    }
    all
}

fn one(file: &File<'_>, value: &Spanned<DeValue<'_>>, problems: &mut Vec<String>) -> Option<Settings> {
    let DeValue::Table(table) = value.get_ref() else {
        problems.push(format!("{}: {NAME}: expected a table", file.place(value.span())));
        return None;
    };
    for key in table.keys().filter(|key| !MEMBERS.contains(&&**key.get_ref())) {
        let place = file.place(key.span());
        problems.push(format!("{place}: {NAME}.{}: there is no such setting", key.get_ref()));
    }
    let mut text = |member: &str| {
        let found = text(table, member);
        if found.is_none() {
            let place = file.place(value.span());
            problems.push(format!("{place}: {NAME}.{member}: missing; expected a string"));
        }
        found
    };
    let [name, module, token, pin_file] = MEMBERS.map(&mut text);
    Some(Settings {
        name: name?,
        module: PathBuf::from(module?),
        token: token?,
        pin_file: PathBuf::from(pin_file?),
    })
}

fn text(table: &DeTable<'_>, member: &str) -> Option<String> {
    match table.get(member)?.get_ref() {
        DeValue::String(text) if !text.is_empty() => Some(text.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
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
        let names: Vec<_> = config.hsms.iter().map(|hsm| hsm.name.as_str()).collect();
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
}
