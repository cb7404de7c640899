//! Read, decide, commit – or again. The only place where an operation's writes become facts.

use placet_store::{BoxFuture, CommitError, Store, Unavailable};

use crate::Engine;
use crate::audit::{self, Origin};
use crate::budgets::ATTEMPTS;
use crate::cx::{Cx, Scope};

/// An operation: what it does with a context and a request.
pub(crate) type Op<S, R, T, E> = for<'a> fn(&'a mut Cx<'_, S>, &'a R) -> BoxFuture<'a, Result<T, E>>;

/// Why an operation could not be carried through, other than by its own decision.
pub(crate) enum Broken {
    Contended,
    Unavailable(Unavailable),
    /// A record could not be written down.
    Defect(String),
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Contended => write!(f, "a record changed under {ATTEMPTS} attempts in a row"),
            Self::Unavailable(unavailable) => unavailable.fmt(f),
            Self::Defect(defect) => f.write_str(defect),
        }
    }
}

impl Engine {
    /// Runs `op` on fresh reads until its writes can be committed. What a failed attempt has made, codes
    /// and tokens and signatures, is dropped with it, so that nothing uncommitted leaves the engine.
    /// When `op` refuses, only what it burnt is committed.
    pub(crate) async fn run<S: Scope, R: Sync, T: Send, E: From<Broken> + Send>(
        &self,
        (origin, scope): (&Origin, &S),
        request: &R,
        op: Op<S, R, T, E>,
    ) -> Result<T, E> {
        for _ in 0..ATTEMPTS {
            let sealing = self.seal.present();
            let mut cx = Cx::new(self, scope.clone());
            let decision = op(&mut cx, request).await;
            let changes = cx.write.audited(decision.is_ok());
            if !changes.is_empty() {
                audit::note(&mut cx, origin, changes).await?;
            }
            let batch = cx.write.into_batch(decision.is_ok()).map_err(Broken::Defect)?;
            if batch.is_empty() {
                return decision;
            }
            // The key that texts in it were sealed with is about to go.
            if self.seal.present() != sealing {
                continue;
            }
            match self.store.commit(batch).await {
                Ok(()) => return decision,
                Err(CommitError::Conflict) => {}
                Err(CommitError::Unavailable(unavailable)) => {
                    return Err(Broken::Unavailable(unavailable).into());
                }
            }
        }
        Err(Broken::Contended.into())
    }
}
