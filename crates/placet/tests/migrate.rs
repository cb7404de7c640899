//! `placet migrate` as an operator runs it.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::process::Output;

use common::Dir;
use common::at::At;

fn migrate(at: &At<'_>, arguments: &[&str]) -> Output {
    let arguments = [&["migrate"], arguments].concat();
    at.command(&arguments).stderr(std::process::Stdio::piped()).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_store_that_is_not_there_is_not_made() {
    let dir = Dir::new("migrate-none");
    let output = migrate(&At::new(&dir), &[]);
    assert!(!output.status.success());
    assert!(said(&output).contains("there is no store yet"), "{}", said(&output));
    assert_eq!(std::fs::read_dir(&dir.0).unwrap().count(), 0);
}

/// A dry run says what there is while the store is served; the other waits until nobody has it.
#[test]
fn a_store_that_is_served_is_only_looked_at() {
    let dir = Dir::new("migrate-served");
    let at = At::new(&dir);
    at.found();
    let serving = at.serve();
    let looked = migrate(&at, &["--dry-run"]);
    assert!(looked.status.success() && said(&looked).ends_with("nothing to do\n"), "{}", said(&looked));
    let refused = migrate(&at, &[]);
    assert!(!refused.status.success() && said(&refused).contains("in use"), "{}", said(&refused));
    drop(serving);
    let done = migrate(&at, &[]);
    assert!(done.status.success() && said(&done).contains("this release writes format"), "{}", said(&done));
}
