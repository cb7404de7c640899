//! What must be true of a grant, from what was answered about it: the model that a history is held against. Of a request
//! without an answer both is possible, until something shows which of them is so; from then on it stays so.

use crate::faults::service::Said;

/// Whether a token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Live,
    Dead,
    /// What would decide was not answered.
    Either,
}

/// What was used and must not work a second time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Used {
    Ticket(String),
    Code(String),
    Refresh(String),
}

/// Tokens of one grant.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
    /// Former access tokens: a refresh has ended them.
    pub(super) former: Vec<String>,
    pub(super) fate: Fate,
    /// The refresh token was presented, and there was no answer.
    pub(super) refreshing: bool,
}

#[derive(Debug)]
pub(super) enum Stage {
    Ticket(String),
    Code(String),
    Tokens(Tokens),
    /// Something was given that never arrived, and cannot be asked for again.
    Spent,
}

/// One grant, from its ticket on.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) stage: Stage,
    pub(super) used: Vec<Used>,
    /// The ticket or the code was presented, and there was no answer.
    pub(super) asked: bool,
    /// The round in which it last changed.
    pub(super) round: usize,
    /// The round in which something that would change it was not answered. Whatever took it there may still bring it about
    /// after somebody has looked; so nothing more is asked about it before all has settled.
    pub(super) doubtful: Option<usize>,
}

impl Grant {
    fn at(stage: Stage, round: usize) -> Self {
        Self { stage, used: Vec::new(), asked: false, round, doubtful: None }
    }

    /// What an acknowledged authorization request has begun.
    pub(super) fn asked_for(body: &[u8], round: usize) -> Result<Self, String> {
        Ok(Self::at(Stage::Ticket(Said::value(body, "ticket")?), round))
    }

    /// What acknowledged client credentials have given.
    pub(super) fn given(body: &[u8], round: usize) -> Result<Self, String> {
        Ok(Self::at(Stage::Tokens(Tokens::of(body)?), round))
    }

    /// The ticket was presented.
    pub(super) fn issued(&mut self, said: &Said) -> Result<(), String> {
        let Stage::Ticket(ticket) = &self.stage else { return Ok(()) };
        let used = Used::Ticket(ticket.clone());
        let next = |body: &[u8]| Said::value(body, "authorizationCode").map(Stage::Code);
        self.presented(said, used, next)
    }

    /// The code was presented.
    pub(super) fn redeemed(&mut self, said: &Said) -> Result<(), String> {
        let Stage::Code(code) = &self.stage else { return Ok(()) };
        let used = Used::Code(code.clone());
        self.presented(said, used, |body| Tokens::of(body).map(Stage::Tokens))
    }

    fn presented(
        &mut self,
        said: &Said,
        used: Used,
        next: impl FnOnce(&[u8]) -> Result<Stage, String>,
    ) -> Result<(), String> {
        match said {
            Said::Nothing => self.asked = true,
            Said::Yes(body) => {
                (self.stage, self.asked) = (next(body)?, false);
                self.used.push(used);
            }
            Said::No(_) if self.asked => {
                (self.stage, self.asked) = (Stage::Spent, false);
                self.used.push(used);
            }
            Said::No(code) => {
                return Err(format!("LOST: {used:?} was given and never used, and is refused: {code}"));
            }
        }
        Ok(())
    }

    /// The code was presented twice at the same time (RFC 6749 §4.1.2: the second use ends what the first gave).
    pub(super) fn raced(&mut self, said: [Said; 2]) -> Result<(), String> {
        let Stage::Code(code) = &self.stage else { return Ok(()) };
        let used = Used::Code(code.clone());
        let fate = match &said {
            [Said::Yes(_), Said::Yes(_)] => {
                return Err(format!("TWICE: {used:?} has worked for both of two"));
            }
            [Said::No(one), Said::No(other)] => {
                return Err(format!("LOST: {used:?} is refused to both of two: {one}, {other}"));
            }
            [Said::Nothing, _] | [_, Said::Nothing] => Fate::Either,
            _ => Fate::Dead,
        };
        let refused = said.iter().any(|said| matches!(said, Said::No(_)));
        match said.iter().find_map(|said| if let Said::Yes(body) = said { Some(body) } else { None }) {
            Some(body) => self.stage = Stage::Tokens(Tokens { fate, ..Tokens::of(body)? }),
            // The other one has used it, and nobody knows what for.
            None if refused => self.stage = Stage::Spent,
            None => {
                self.asked = true;
                return Ok(());
            }
        }
        self.used.push(used);
        Ok(())
    }

    /// A value that was used before is presented again.
    pub(super) fn replayed(&mut self, used: &Used, said: &Said) -> Result<(), String> {
        let ends = !matches!(used, Used::Ticket(_));
        match (said, &mut self.stage) {
            (Said::Yes(_), _) => return Err(format!("TWICE: {used:?} has worked before")),
            (Said::No(_), Stage::Tokens(tokens)) if ends => tokens.fate = Fate::Dead,
            (Said::Nothing, Stage::Tokens(tokens)) if ends => tokens.doubted(),
            _ => {}
        }
        Ok(())
    }

    /// The refresh token was presented (OAuth 2.1 §4.3.1: each is good once).
    pub(super) fn refreshed(&mut self, said: &Said) -> Result<(), String> {
        let Stage::Tokens(tokens) = &mut self.stage else { return Ok(()) };
        let Some(refresh) = tokens.refresh.clone() else { return Ok(()) };
        match (said, tokens.fate) {
            (Said::Yes(_), Fate::Dead) => {
                return Err(format!("TWICE OR AGAIN: {refresh} works, and its grant had ended"));
            }
            (Said::No(code), Fate::Live) => {
                return Err(format!("LOST: {refresh} is good, and is refused: {code}"));
            }
            (Said::Yes(body), _) => {
                let mut former = std::mem::take(&mut tokens.former);
                former.push(tokens.access.clone());
                *tokens = Tokens { former, ..Tokens::of(body)? };
                self.used.push(Used::Refresh(refresh));
            }
            (Said::No(_), _) => (tokens.fate, tokens.refreshing) = (Fate::Dead, false),
            (Said::Nothing, _) => {
                tokens.doubted();
                tokens.refreshing = true;
            }
        }
        Ok(())
    }

    pub(super) fn revoked(&mut self, said: &Said) -> Result<(), String> {
        let Stage::Tokens(tokens) = &mut self.stage else { return Ok(()) };
        match said {
            Said::Yes(_) => tokens.fate = Fate::Dead,
            Said::Nothing => tokens.doubted(),
            Said::No(code) => return Err(format!("{} cannot be revoked: {code}", tokens.access)),
        }
        Ok(())
    }

    /// The access token was looked at.
    pub(super) fn introspected(&mut self, said: &Said) -> Result<(), String> {
        let Stage::Tokens(tokens) = &mut self.stage else { return Ok(()) };
        let access = &tokens.access;
        tokens.fate = match (said, tokens.fate) {
            (Said::Nothing, fate) => fate,
            (Said::Yes(_), Fate::Dead) => return Err(format!("AGAIN: {access} had ended, and is good")),
            (Said::No(code), Fate::Live) => {
                return Err(format!("LOST: {access} was given, and is refused: {code}"));
            }
            (Said::Yes(_), _) => Fate::Live,
            (Said::No(_), _) => Fate::Dead,
        };
        Ok(())
    }
}

impl Tokens {
    fn of(body: &[u8]) -> Result<Self, String> {
        Ok(Self {
            access: Said::value(body, "accessToken")?,
            refresh: Said::value(body, "refreshToken").ok(),
            former: Vec::new(),
            fate: Fate::Live,
            refreshing: false,
        })
    }

    /// Something that would have ended it was not answered. What has ended stays so.
    fn doubted(&mut self) {
        if self.fate == Fate::Live {
            self.fate = Fate::Either;
        }
    }
}

#[cfg(test)]
mod tests;
