//! What specifications demand, and the cases that show it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::tidy::files;

const LIST: &str = "crates/engine/tests/requirements.txt";
const CASES: &str = "crates/engine/tests/cases";

/// Where tests of the authorization server, of resource servers and of the bytes of credentials are, which show what no case can.
const TESTS: [(&str, &str); 8] = [
    ("crates/authserver/src", "rs"),
    ("crates/engine/src", "rs"),
    ("crates/engine/tests", "rs"),
    ("crates/placet/tests", "rs"),
    ("crates/resource/tests", "rs"),
    ("crates/vc/src", "rs"),
    ("interop/browser", "mjs"),
    ("interop/relying-party", "mjs"),
];

struct Requirement {
    specification: String,
    section: String,
    level: String,
    text: String,
}

impl Requirement {
    /// What no case can show, because it is about HTTP, TLS, pages or bytes.
    fn is_elsewhere(&self) -> bool {
        self.level.starts_with('(')
    }
}

/// Requirements by specification and section, each with the cases that name it.
pub(crate) struct Requirements {
    titles: Vec<(String, String)>,
    list: Vec<Requirement>,
    /// By cases of the engine.
    shown: Shown,
    /// By tests of what stands around it and beneath.
    tested: Shown,
}

/// Files by the requirement that they show.
type Shown = BTreeMap<String, Vec<String>>;

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
        Self { titles, list, shown: of_cases(root), tested: of_tests(root) }
    }

    /// Requirements that nothing shows, and cases and tests that name what is not listed.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = self.between(|r| !r.is_elsewhere(), &self.shown, "case");
        problems.extend(self.between(Requirement::is_elsewhere, &self.tested, "test"));
        problems
    }

    fn between(&self, part: fn(&Requirement) -> bool, shown: &Shown, what: &str) -> Vec<String> {
        let name = |r: &Requirement| format!("{} {}", r.specification, r.section);
        let listed: Vec<_> = self.list.iter().filter(|r| part(r)).map(name).collect();
        let without = listed.iter().filter(|name| !shown.contains_key(*name));
        let unknown = shown.iter().filter(|(name, _)| !listed.contains(name));
        let without = without.map(|name| format!("{LIST}: no {what} shows {name}"));
        without.chain(unknown.map(|(name, by)| format!("{}: {LIST} has no {name}", by[0]))).collect()
    }

    /// One table for each specification.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (name, title) in &self.titles {
            let _ =
                write!(text, "\n### {name}: {title}\n\n| section | | what | shown by |\n|---|---|---|---|\n");
            for r in self.list.iter().filter(|r| r.specification == *name) {
                let section = r.section.split('/').next().unwrap_or_default();
                let key = format!("{name} {}", r.section);
                let by = self.shown.get(&key).or_else(|| self.tested.get(&key));
                let by = by.map(|by| by.join(", ")).unwrap_or_default();
                let level = r.level.trim_matches(['(', ')']);
                let _ = writeln!(text, "| {section} | {level} | {} | {by} |", r.text);
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
fn of_cases(root: &Path) -> Shown {
    let (mut shown, folder) = (Shown::new(), root.join(CASES));
    for path in files(&folder, "case") {
        note(&mut shown, &path, &folder, "# shows ");
    }
    shown
}

/// The same of tests, as a comment.
fn of_tests(root: &Path) -> Shown {
    let mut shown = Shown::new();
    for (folder, extension) in TESTS {
        for path in files(&root.join(folder), extension) {
            note(&mut shown, &path, root, "// shows ");
        }
    }
    shown
}

fn note(shown: &mut Shown, path: &Path, folder: &Path, mark: &str) {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let name = path.strip_prefix(folder).unwrap_or(path).display().to_string();
    for line in text.lines().filter_map(|line| line.trim().strip_prefix(mark)) {
        let mut specification = "";
        for word in line.split_whitespace() {
            match word.contains('/') || specification == "SECURITY" {
                true => shown.entry(format!("{specification} {word}")).or_default().push(format!("`{name}`")),
                false => specification = word,
            }
        }
    }
}
