//! Puts calls into the ring of their service, in the order in which they came.

use placet_api::CallError;
use placet_base::Ttl;
use placet_store::Loaded;

use crate::cx::Cx;
use crate::fault::unanswered;
use crate::records::inspected::{Inspected, InspectedCalls, InspectedHead};

/// Calls that are to be kept, and for how long.
pub struct Keep {
    /// No more than go once round.
    pub calls: Vec<Inspected>,
    pub age: Ttl,
}

/// How many rows that took.
pub async fn keep(cx: &mut Cx<'_>, keep: &Keep) -> Result<usize, CallError> {
    let (name, value) = InspectedHead::OF;
    let head = cx.read.find_one::<InspectedHead>(name, value).await.map_err(unanswered)?;
    let first = head.as_ref().map_or(0, |head| head.sequence);
    let (mut sequence, mut rest) = (first, &keep.calls[..]);
    loop {
        rest = put(cx, sequence, rest, keep.age).await?;
        if rest.is_empty() {
            break;
        }
        sequence += 1;
    }
    let next = InspectedHead { sequence, expires_at: cx.now + keep.age };
    match head {
        Some(head) => cx.write.replace(head, &next),
        None => {
            let number = cx.number();
            cx.write.insert(cx.tenant.id, &number, &next);
        }
    }
    Ok(usize::try_from(sequence - first).unwrap_or(usize::MAX) + 1)
}

/// Writes what one row has room for; the others.
async fn put<'c>(
    cx: &mut Cx<'_>,
    sequence: u64,
    calls: &'c [Inspected],
    age: Ttl,
) -> Result<&'c [Inspected], CallError> {
    let place = InspectedCalls::place(sequence);
    let there =
        cx.read.find_one::<InspectedCalls>(InspectedCalls::PLACE, &place).await.map_err(unanswered)?;
    // Of an earlier round, what is there makes room.
    let before = there.as_ref().filter(|row| row.sequence == sequence).map(|row| row.calls.clone());
    let (row, rest) = InspectedCalls::filled(sequence, before.unwrap_or_default(), calls, (cx.now, age));
    if rest.len() < calls.len() {
        written(cx, there, &row);
    }
    Ok(rest)
}

fn written(cx: &mut Cx<'_>, there: Option<Loaded<InspectedCalls>>, row: &InspectedCalls) {
    match there {
        Some(there) => cx.write.replace(there, row),
        None => {
            let number = cx.number();
            cx.write.insert(cx.tenant.id, &number, row);
        }
    }
}
