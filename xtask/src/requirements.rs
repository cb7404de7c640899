//! What specifications demand, and the cases that show it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::tidy::files;

const LIST: &str = "crates/engine/tests/requirements.txt";
const CASES: &str = "crates/engine/tests/cases";

struct Requirement {
    specification: String,
    section: String,
    level: String,
    text: String,
}

impl Requirement {
    /// What the engine cannot show, because it is about HTTP, TLS or pages.
    fn is_elsewhere(&self) -> bool {
        self.level.starts_with('(')
    }
}

/// Requirements by specification and section, each with the cases that name it.
pub(crate) struct Requirements {
    titles: Vec<(String, String)>,
    list: Vec<Requirement>,
    shown: BTreeMap<String, Vec<String>>,
}

impl Requirements {
    pub(crate) fn read(root: &Path) -> Self {
        let text = std::fs::read_to_string(root.join(LIST)).unwrap_or_default();
        let (mut titles, mut list) = (Vec::<(String, String)>::new(), Vec::new());
        for line in text.lines() {
            if let Some((name, title)) = line.strip_prefix("## ").and_then(|line| line.split_once(' ')) {
                titles.push((name.to_owned(), title.to_owned()));
            } else if let Some((specification, _)) = titles.last()
                && let [section, level, text] = line.splitn(3, ' ').collect::<Vec<_>>()[..]
            {
                let [section, level, text] = [section, level, text].map(str::to_owned);
                list.push(Requirement { specification: specification.clone(), section, level, text });
            }
        }
        Self { titles, list, shown: shown(root) }
    }

    /// Requirements without a case, and cases that name what is not listed.
    pub(crate) fn problems(&self) -> Vec<String> {
        let name = |r: &Requirement| format!("{} {}", r.specification, r.section);
        let listed: Vec<_> = self.list.iter().filter(|r| !r.is_elsewhere()).map(name).collect();
        let without = listed.iter().filter(|name| !self.shown.contains_key(*name));
        let unknown = self.shown.iter().filter(|(name, _)| !listed.contains(name));
        let without = without.map(|name| format!("{LIST}: no case shows {name}"));
        without.chain(unknown.map(|(name, cases)| format!("{}: {LIST} has no {name}", cases[0]))).collect()
    }

    /// One table for each specification.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (name, title) in &self.titles {
            let _ = write!(text, "\n### {name}: {title}\n\n| section | | what | case |\n|---|---|---|---|\n");
            for r in self.list.iter().filter(|r| r.specification == *name) {
                let section = r.section.split('/').next().unwrap_or_default();
                let key = format!("{name} {}", r.section);
                let cases = self.shown.get(&key).map(|cases| cases.join(", "));
                let cases = cases.unwrap_or_else(|| "the authorization server's".to_owned());
                let level = r.level.trim_matches(['(', ')']);
                let _ = writeln!(text, "| {section} | {level} | {} | {cases} |", r.text);
            }
        }
        text
    }
}

const MODULES: &str = "crates/engine/tests/modules.txt";

/// Modules of the OpenID Foundation's plans that have neither a case nor a reason, and cases that name what is
/// not among them.
pub(crate) fn module_problems(root: &Path) -> Vec<String> {
    let list = std::fs::read_to_string(root.join(MODULES)).unwrap_or_default();
    let (_, list) = list.split_once("\n## ").unwrap_or_default();
    let lines = list.lines().skip(1).filter(|line| !line.is_empty() && !line.starts_with("## "));
    let listed: BTreeMap<_, _> = lines.map(|line| line.split_once(' ').unwrap_or((line, ""))).collect();
    let mut named = BTreeMap::new();
    for path in files(&root.join(CASES), "case") {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let modules = text.lines().filter_map(|line| line.strip_prefix("# module "));
        named.extend(modules.map(|name| (name.to_owned(), path.display().to_string())));
    }
    let without = listed.iter().filter(|(name, why)| why.is_empty() != named.contains_key(**name));
    let unknown = named.iter().filter(|(name, _)| !listed.contains_key(name.as_str()));
    let without =
        without.map(|(name, _)| format!("{MODULES}: {name} needs a case or a reason, and not both"));
    without.chain(unknown.map(|(name, case)| format!("{case}: {MODULES} has no {name}"))).collect()
}

/// `# shows SPEC section/name …` of every case.
fn shown(root: &Path) -> BTreeMap<String, Vec<String>> {
    let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let folder = root.join(CASES);
    for path in files(&folder, "case") {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let case = path.strip_prefix(&folder).unwrap_or(&path).display().to_string();
        for line in text.lines().filter_map(|line| line.strip_prefix("# shows ")) {
            let mut specification = "";
            for word in line.split_whitespace() {
                match word.contains('/') || specification == "SECURITY" {
                    true => {
                        let cases = shown.entry(format!("{specification} {word}")).or_default();
                        cases.push(format!("`{case}`"));
                    }
                    false => specification = word,
                }
            }
        }
    }
    shown
}
