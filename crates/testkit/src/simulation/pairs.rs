//! Every two operations at once, in every order in which one goes on where the other had been at most twice: what chance
//! finds sooner or later between many is tried out between two.

use std::sync::Arc;

use super::callers::{Callers, Turns};
use super::chance::Chance;
use super::clients::{Client, Op as OfClient};
use super::grants::{Grant, Op as OfGrant};
use super::interleaved::{Faults, Interleaved, Weather};
use super::requests::{Op as OfRequest, Pushed};
use super::stage::{Scene, Stage};
use super::{Tally, judged};

/// Tries out all of them.
///
/// # Errors
///
/// The first history that no order explains, as a text.
pub fn pairs() -> Result<Tally, String> {
    use OfGrant::{Decide, Introspect, Redeem, Refresh, Revoke, Update};
    let on_tokens = [Redeem, Refresh(0), Introspect(0), Revoke(0), Update(0)];
    let on_requests = [Redeem, Decide { allowed: true }, Decide { allowed: false }];
    let on_clients = [
        OfClient::Create,
        OfClient::Introspect(0),
        OfClient::RevokeAll,
        OfClient::Lock(true),
        OfClient::Delete,
    ];
    let on_pushed = [OfRequest::Open, OfRequest::Issue(0), OfRequest::Issue(1), OfRequest::Fail(0)];
    let allowed = [Decide { allowed: true }];
    let mut tally = Tally::default();
    tally += all(&Grant::of_code, &[], &[Redeem])?;
    tally += all(&Grant::of_code, &[Redeem], &on_tokens)?;
    for asked in [Grant::of_device, Grant::of_backchannel] {
        tally += all(&asked, &[], &on_requests)?;
        tally += all(&asked, &allowed, &[Redeem])?;
    }
    tally += all(&|_| Client, &[OfClient::Create], &on_clients)?;
    tally += all(&Pushed::new, &[OfRequest::Open, OfRequest::Open], &on_pushed)?;
    Ok(tally)
}

/// Every two of some operations, after others.
fn all<S: Scene>(make: &dyn Fn(&Stage) -> S, before: &[S::Op], ops: &[S::Op]) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for pair in ops.iter().flat_map(|first| ops.iter().map(move |second| [first, second])) {
        'orders: for of_first in 0.. {
            for of_second in 1.. {
                let turns = Turns { of_first, of_second };
                let (played, done) = one(make, before, (pair, turns))?;
                tally += played;
                match done {
                    // The first was done before the second began: that is one after the other.
                    [true, _] => break 'orders,
                    [false, true] => break,
                    [false, false] => {}
                }
            }
        }
    }
    Ok(tally)
}

fn one<S: Scene>(
    make: &dyn Fn(&Stage) -> S,
    before: &[S::Op],
    (pair, turns): ([&S::Op; 2], Turns),
) -> Result<(Tally, [bool; 2]), String> {
    let never = Faults { reads: 0, commits: 0, answers: 0, conflicts: 0 };
    let weather = Arc::new(Weather::new(Chance::new(0), never));
    let stage = Stage::new(0, &weather, |inner| Arc::new(Interleaved { inner, weather: weather.clone() }));
    let scene = make(&stage);
    let callers = Callers::new(&stage, &scene);
    before.iter().for_each(|op| callers.alone(op.clone()));
    let (count, done) = callers.in_turns(pair, turns);
    callers.close();
    let tally = judged(&scene, &callers.into_history(), count)?;
    Ok((tally, done))
}
