//! A model that finds nothing would be of no use: each of these is found.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use super::*;

fn yes(access: &str) -> Said {
    let body = format!(
        r#"{{"ticket":"t","authorizationCode":"c","accessToken":"{access}","refreshToken":"r-{access}"}}"#
    );
    Said::Yes(body.into_bytes())
}

fn no() -> Said {
    Said::No("A000000".to_owned())
}

fn body(said: &Said) -> &[u8] {
    if let Said::Yes(body) = said { body } else { b"" }
}

fn with_code() -> Grant {
    let mut grant = Grant::asked_for(body(&yes("a")), 1).unwrap();
    grant.issued(&yes("a")).unwrap();
    grant
}

fn with_tokens() -> Grant {
    let mut grant = with_code();
    grant.redeemed(&yes("a")).unwrap();
    grant
}

fn found(result: Result<(), String>, what: &str) {
    assert!(result.as_ref().is_err_and(|why| why.starts_with(what)), "{result:?}");
}

#[test]
fn what_was_acknowledged_and_is_gone_is_found() {
    found(with_tokens().introspected(&no()), "LOST");
    found(with_tokens().refreshed(&no()), "LOST");
    found(with_code().redeemed(&no()), "LOST");
    found(with_code().raced([no(), no()]), "LOST");
    found(Grant::asked_for(body(&yes("a")), 1).unwrap().issued(&no()), "LOST");
}

#[test]
fn a_revocation_that_was_acknowledged_and_does_not_hold_is_found() {
    let mut grant = with_tokens();
    grant.revoked(&yes("a")).unwrap();
    grant.introspected(&no()).unwrap();
    found(grant.introspected(&yes("a")), "AGAIN");
    found(grant.refreshed(&yes("b")), "TWICE OR AGAIN");
}

#[test]
fn what_works_twice_is_found() {
    found(with_code().raced([yes("a"), yes("b")]), "TWICE");
    let mut grant = with_tokens();
    grant.refreshed(&yes("b")).unwrap();
    assert_eq!(grant.used.len(), 3);
    for used in grant.used.clone() {
        found(grant.replayed(&used, &yes("c")), "TWICE");
    }
}

/// An unanswered request may have been done or not; whichever shows first stays so.
#[test]
fn nobody_changes_their_mind_about_what_was_not_answered() {
    let doubtful = || {
        let mut grant = with_tokens();
        grant.revoked(&Said::Nothing).unwrap();
        grant
    };
    let (mut one, mut other) = (doubtful(), doubtful());
    one.introspected(&yes("a")).unwrap();
    found(one.introspected(&no()), "LOST");
    other.introspected(&no()).unwrap();
    found(other.introspected(&yes("a")), "AGAIN");
}

/// A refresh ends the access token in the same commit: either both are so, or neither.
#[test]
fn half_a_refresh_is_found() {
    let doubtful = |seen: &Said| {
        let mut grant = with_tokens();
        grant.refreshed(&Said::Nothing).unwrap();
        grant.introspected(seen).unwrap();
        grant
    };
    found(doubtful(&no()).refreshed(&yes("b")), "TWICE OR AGAIN");
    found(doubtful(&yes("a")).refreshed(&no()), "LOST");
    assert!(doubtful(&no()).refreshed(&no()).is_ok());
    assert!(doubtful(&yes("a")).refreshed(&yes("b")).is_ok());
}

/// A code that was presented and not answered may be good or not; afterwards it is not.
#[test]
fn a_code_that_was_not_answered_is_good_once_more_at_most() {
    for (said, tokens) in [(yes("a"), true), (no(), false)] {
        let mut grant = with_code();
        grant.redeemed(&Said::Nothing).unwrap();
        grant.redeemed(&said).unwrap();
        assert_eq!(matches!(grant.stage, Stage::Tokens(_)), tokens);
        found(grant.replayed(&Used::Code("c".to_owned()), &yes("b")), "TWICE");
    }
}

/// Of two at once one wins, and what it has won has ended.
#[test]
fn the_second_use_ends_what_the_first_gave() {
    let mut grant = with_code();
    grant.raced([no(), yes("a")]).unwrap();
    found(grant.introspected(&yes("a")), "AGAIN");
    let mut grant = with_tokens();
    grant.replayed(&Used::Code("c".to_owned()), &no()).unwrap();
    found(grant.introspected(&yes("a")), "AGAIN");
}
