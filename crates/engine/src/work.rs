//! Work that was taken on and that nobody waits for.

use placet_api::{CallError, Reason};
use placet_base::ServiceId;
use placet_store::Page;

use crate::Engine;
use crate::audit::Origin;
use crate::fault::{Fault, unanswered};
use crate::ops::inspector::{self, keep::Keep};
use crate::ops::organization::token as api_token;
use crate::ops::token::admin::batch::{self, Step};
use crate::records::token_batch::WaitingBatch;

/// Batches that are looked at in one round.
const ROUND: Page = Page::rows(0, 1_000);

/// Who changes something here.
const WORK: Origin = Origin::local("work");

/// How many uses were new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted(pub usize);

impl Engine {
    /// Goes one step on with every batch of tokens that waits; whether there is more to do at once.
    ///
    /// # Errors
    /// The first that a batch failed with, when all have had their turn: one that cannot go on does not hold up the others. Nothing
    /// is lost by that, and nothing done twice.
    pub async fn work(&self) -> Result<bool, CallError> {
        let waiting = self.installation().find::<WaitingBatch>(None, ROUND).await;
        let (waiting, _) = waiting.map_err(unanswered)?;
        let (mut more, mut failed) = (false, None);
        for waiting in waiting {
            match self.stepped(&waiting).await {
                Ok(on) => more |= on,
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(more), Err)
    }

    /// Writes down when tokens of the API were last used. Called every minute or so; what is lost with the process is less
    /// than is known exactly anyway.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn note_uses(&self) -> Result<Noted, CallError> {
        let known = self.api_tokens.all();
        let uses = known.filter_map(|known| Some((known.token.token_id.clone(), known.last_used()?)));
        let mut count = 0;
        for used in uses.collect::<Vec<_>>() {
            count +=
                self.run((&WORK, &()), &used, |cx, used| Box::pin(api_token::note_use(cx, used))).await?;
        }
        Ok(Noted(count))
    }

    /// Keeps calls of a service for those who want to know why something was decided.
    ///
    /// # Errors
    /// When the store fails, or the service is gone.
    pub async fn keep_inspected(&self, service: ServiceId, keep: &Keep) -> Result<usize, CallError> {
        let tenant = self.tenant(service).await?;
        self.run((&WORK, &tenant), keep, |cx, keep| Box::pin(inspector::keep::keep(cx, keep))).await
    }

    async fn stepped(&self, waiting: &WaitingBatch) -> Result<bool, CallError> {
        let tenant = match self.tenant(waiting.service).await {
            Ok(tenant) => tenant,
            // A batch does not outlive its service.
            Err(gone) if matches!(gone.reason, Reason::ServiceUnknown { .. }) => {
                return self
                    .run((&WORK, &()), waiting, |cx, waiting| Box::pin(batch::forget(cx, waiting)))
                    .await;
            }
            Err(error) => return Err(error),
        };
        let step: Result<Step, Fault> =
            self.run((&WORK, &tenant), &waiting.batch, |cx, number| Box::pin(batch::step(cx, number))).await;
        let step = match step? {
            Step::Tell { url, json } => {
                let taken = self.outside.post(&url, json).await;
                let told = (waiting.batch, taken);
                let step: Result<Step, Fault> = self
                    .run((&WORK, &tenant), &told, |cx, told| Box::pin(batch::told_of_end(cx, told)))
                    .await;
                step?
            }
            step => step,
        };
        Ok(matches!(step, Step::On))
    }
}
