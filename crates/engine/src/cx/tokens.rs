//! Many tokens at once: lists, and what is done to all tokens of a client or a user. A list may be longer than anything
//! that one call should read, so each has a bound.

use std::ops::ControlFlow;

use placet_base::{ClientId, Subject};
use placet_store::{Loaded, Page};

use super::{Cx, LiveToken};
use crate::budgets::{BULK, BULK_WALK, LIST_COUNT, LIST_WALK};
use crate::fault::Fault;
use crate::records::token::Token;

/// Rows that are read at a time.
const CHUNK: usize = 50;

/// Rows of the tokens of a client, a user, both, or all of a service.
struct Selection {
    entry: Option<(&'static str, String)>,
    /// Those below have been revoked together.
    from: i64,
    /// Whose they must be, where the entry does not say so already.
    client: Option<ClientId>,
}

/// A part of a list of tokens.
pub struct TokenPage {
    pub tokens: Vec<LiveToken>,
    /// Where the list goes on.
    pub end: usize,
    /// Of a short list, how many tokens it has; of a long one, how many rows are stored, as far as they are counted.
    pub total: usize,
}

/// How much of a list has been looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Whole,
    Part,
}

/// More tokens than one call may touch, or look for; `found` are some of them.
pub struct TooMany {
    pub found: Vec<LiveToken>,
}

impl Cx<'_> {
    async fn selection(
        &self,
        client: Option<ClientId>,
        subject: Option<&Subject>,
    ) -> Result<Selection, Fault> {
        let of_client = match client {
            Some(id) => self.client(id).await?.map_or(0, |client| client.revoked_below),
            None => 0,
        };
        let owner = match subject {
            Some(subject) => self.seen_owner(subject).await?,
            None => None,
        };
        let of_owner = owner.map_or(0, |owner| match client {
            Some(client) => owner.tokens_from(client),
            None => owner.revoked_below,
        });
        let entry = match (subject, client) {
            (Some(subject), _) => Some((Token::SUBJECT, subject.as_str().to_owned())),
            (None, Some(client)) => Some((Token::CLIENT, client.to_string())),
            (None, None) => None,
        };
        Ok(Selection { entry, from: of_client.max(of_owner), client })
    }

    async fn rows(&self, of: &Selection, start: usize, end: usize) -> Result<Vec<Loaded<Token>>, Fault> {
        Ok(self.read.find_from::<Token>(of.entry.clone(), of.from, Page::rows(start, end)).await?.0)
    }

    async fn count(&self, of: &Selection, most: usize) -> Result<usize, Fault> {
        Ok(self.read.find_from::<Token>(of.entry.clone(), of.from, Page::count(most)).await?.1)
    }

    /// Hands the tokens from row `start` on, that have not been revoked, to `each`, until it has enough or `most` rows
    /// have been looked at; the row to go on with, and whether there was one.
    async fn walk(
        &self,
        of: &Selection,
        (start, most): (usize, usize),
        mut each: impl FnMut(LiveToken) -> ControlFlow<()>,
    ) -> Result<(usize, Extent), Fault> {
        let (mut at, stop) = (start, start.saturating_add(most));
        while at < stop {
            let tokens = self.rows(of, at, stop.min(at.saturating_add(CHUNK))).await?;
            if tokens.is_empty() {
                return Ok((at, Extent::Whole));
            }
            for token in tokens {
                at += 1;
                if of.client.is_some_and(|client| token.entitlement.client != client) {
                    continue;
                }
                if let Some(live) = self.live(token).await?
                    && each(live).is_break()
                {
                    return Ok((at, Extent::Part));
                }
            }
        }
        Ok((at, Extent::Part))
    }

    /// A part of the list of the tokens that are `wanted`.
    ///
    /// In a short list, `window` counts what is wanted. In a long one it counts what is stored, because finding out
    /// what else is there would cost as much as the whole list; `end` then says where the next part begins.
    pub async fn token_page(
        &self,
        client: Option<ClientId>,
        subject: Option<&Subject>,
        window: Page,
        wanted: impl Fn(&LiveToken) -> bool,
    ) -> Result<TokenPage, Fault> {
        let of = self.selection(client, subject).await?;
        let asked = window.limit();
        let mut tokens = Vec::new();
        if self.count(&of, LIST_WALK + 1).await? <= LIST_WALK {
            let mut total = 0;
            let keep = |live: LiveToken| {
                if wanted(&live) {
                    if (window.start..window.end).contains(&total) {
                        tokens.push(live);
                    }
                    total += 1;
                }
                ControlFlow::Continue(())
            };
            self.walk(&of, (0, LIST_WALK), keep).await?;
            return Ok(TokenPage { end: window.start + tokens.len(), tokens, total });
        }
        let keep = |live: LiveToken| {
            if wanted(&live) {
                tokens.push(live);
            }
            if tokens.len() < asked { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let most = if asked == 0 { 0 } else { LIST_WALK };
        let (end, _) = self.walk(&of, (window.start, most), keep).await?;
        Ok(TokenPage { tokens, end, total: self.count(&of, window.counted).await? })
    }

    /// The tokens of a client, a user, or both, that have not been revoked: [`BULK`] of them at most.
    pub async fn tokens_of(
        &self,
        client: Option<ClientId>,
        subject: Option<&Subject>,
    ) -> Result<Vec<LiveToken>, Fault> {
        let found = self.all_tokens_of(client, subject).await?;
        Ok(found.unwrap_or_else(|TooMany { found }| found))
    }

    /// The same where a part is not enough.
    pub async fn all_tokens_of(
        &self,
        client: Option<ClientId>,
        subject: Option<&Subject>,
    ) -> Result<Result<Vec<LiveToken>, TooMany>, Fault> {
        let mut found = Vec::new();
        let keep = |live: LiveToken| {
            if found.len() == BULK {
                return ControlFlow::Break(());
            }
            found.push(live);
            ControlFlow::Continue(())
        };
        let extent = self.each_token(client, subject, keep).await?;
        Ok(match extent {
            Extent::Whole => Ok(found),
            Extent::Part => Err(TooMany { found }),
        })
    }

    /// Hands the tokens of a client, a user, or both, that have not been revoked, to `each`, until it has enough or the
    /// bound of what a call may look through is met.
    pub async fn each_token(
        &self,
        client: Option<ClientId>,
        subject: Option<&Subject>,
        each: impl FnMut(LiveToken) -> ControlFlow<()>,
    ) -> Result<Extent, Fault> {
        let of = self.selection(client, subject).await?;
        Ok(self.walk(&of, (0, BULK_WALK), each).await?.1)
    }

    /// Whether no token of a client is stored, good or not.
    pub async fn has_no_tokens(&self, client: ClientId) -> Result<bool, Fault> {
        let of = Selection { entry: Some((Token::CLIENT, client.to_string())), from: 0, client: None };
        Ok(self.count(&of, 1).await? == 0)
    }

    /// How many tokens of a client or a user are stored and not revoked together, as far as they are counted.
    pub async fn stored_tokens(
        &self,
        client: Option<ClientId>,
        subject: Option<&Subject>,
    ) -> Result<usize, Fault> {
        let of = self.selection(client, subject).await?;
        self.count(&of, LIST_COUNT).await
    }
}
