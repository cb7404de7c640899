//! Whether attestations still count: their lists are fetched, and kept for as long as they say.

use placet_api::Reason;
use placet_jose::Certificate;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::rules::credential::proof::{Asked, Claimed, ProvenKeys};
use crate::rules::standing::{NotCounting, Standing};

/// The attestation counts.
pub struct Counts;

/// Asks the list. One that cannot be had now says nothing, and an attestation that nobody can be asked about is not believed: whoever
/// had a key taken away would wait for such a time.
pub async fn counts(cx: &Cx<'_>, standing: &Standing, roots: &[Certificate]) -> Result<Counts, NotCounting> {
    let list =
        cx.status_list(standing.list()).await.map_err(|error| NotCounting::Unknown(error.to_string()))?;
    let counting = standing.counts(list.trim(), roots, (cx.now, cx.tenant.tolerance))?;
    cx.keep_statement(standing.list(), &list, counting.until);
    Ok(Counts)
}

/// The keys of proofs that are in order, once every attestation that says where it can be looked up was.
pub async fn of_keys(cx: &Cx<'_>, claimed: Claimed, roots: &[Certificate]) -> Result<ProvenKeys, Fault> {
    for (index, standing) in claimed.standings() {
        let index = index.to_string();
        match counts(cx, standing, roots).await {
            Ok(Counts) => {}
            Err(NotCounting::Over) => return Err(Reason::KeyAttestationOver { index }.into()),
            Err(NotCounting::Unknown(why)) => {
                return Err(Fault::caused_by(Reason::KeyAttestationStatusUnknown { index }, why));
            }
        }
    }
    Ok(claimed.proven(Asked))
}
