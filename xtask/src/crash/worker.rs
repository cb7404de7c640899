//! One of those who ask: each has grants of its own, so that what comes after what is known for every grant.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use placet_ambient::Stopwatch;

use super::history::{History, Tally};
use super::ledger::{Fate, Grant, Stage, Used};
use super::pulse::Pulse;
use crate::faults::dice::Dice;
use crate::faults::node::READY;
use crate::faults::service::{Said, Service};
use crate::faults::wire::Connection;

/// Grants of former rounds that are looked at after each round; at the end all of them are.
const SAMPLE: usize = 150;
/// Grants that are worked on at the same time.
const RECENT: usize = 32;

/// Something that is asked about a grant.
#[derive(Clone, Copy)]
enum Op {
    Issue,
    Redeem,
    Refresh,
    Revoke,
    Look,
    /// A former access token.
    LookBack(usize),
    /// A value that was used.
    Replay(usize),
}

pub(super) struct Worker<'s> {
    number: usize,
    service: &'s Service,
    pulse: &'s Pulse,
    dice: Dice,
    connections: [Connection; 2],
    pub(super) grants: Vec<Grant>,
    pub(super) history: History,
    pub(super) load: Tally,
    pub(super) checks: Tally,
    pub(super) problems: Vec<String>,
    /// The longest that anything has taken until it was answered, or was known not to be.
    pub(super) slowest: Duration,
}

impl<'s> Worker<'s> {
    pub(super) fn new(
        number: usize,
        (service, address): (&'s Service, &str),
        pulse: &'s Pulse,
        dice: Dice,
    ) -> Self {
        Self {
            number,
            service,
            pulse,
            dice,
            connections: [Connection::to(address), Connection::to(address)],
            grants: Vec::new(),
            history: History::default(),
            load: Tally::default(),
            checks: Tally::default(),
            problems: Vec::new(),
            slowest: Duration::ZERO,
        }
    }

    /// Asks for whatever comes next until it is told to stop.
    pub(super) fn work(&mut self, round: usize, stop: &AtomicBool) {
        self.connections.iter_mut().for_each(Connection::close);
        while !stop.load(Ordering::Relaxed) && self.problems.is_empty() {
            if !self.step(round) {
                // Nobody is there; a pause, lest the asking takes the processor from whoever starts.
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// One request, or two at once; whether there was an answer.
    fn step(&mut self, round: usize) -> bool {
        if self.grants.is_empty() || self.dice.below(10) < 4 {
            return self.begin(round);
        }
        // Now and then an old one: what is long synced must bear what new things do.
        let (count, old) = (self.grants.len(), self.dice.one_in(10));
        let n = if old { self.dice.below(count) } else { count - 1 - self.dice.below(count.min(RECENT)) };
        let Some(grant) = self.grants.get_mut(n) else { return true };
        if grant.doubtful == Some(round) {
            return true;
        }
        let op = match &grant.stage {
            Stage::Ticket(_) => Op::Issue,
            Stage::Code(_) if !grant.asked && self.dice.one_in(4) => return self.race(n, round),
            Stage::Code(_) => Op::Redeem,
            Stage::Tokens(_) if !grant.used.is_empty() && self.dice.one_in(16) => {
                Op::Replay(self.dice.below(grant.used.len()))
            }
            Stage::Tokens(tokens) => match self.dice.below(4) {
                0 => Op::Revoke,
                1 => Op::Look,
                // What was asked for and not answered is looked at first.
                _ if tokens.refreshing => Op::Look,
                _ => Op::Refresh,
            },
            Stage::Spent => return true,
        };
        let (answered, said) = self.perform(n, op, round);
        if let Some(said) = said {
            self.load.count(op.name(), &said);
        }
        answered
    }

    fn begin(&mut self, round: usize) -> bool {
        let alone = self.dice.one_in(2);
        let (what, request) = if alone {
            ("client credentials", self.service.credentials())
        } else {
            ("authorization request", self.service.authorization())
        };
        let said = self.ask(what, self.grants.len(), round, &request);
        self.load.count(what, &said);
        match said {
            Said::Yes(body) => {
                let made = if alone { Grant::given(&body, round) } else { Grant::asked_for(&body, round) };
                match made {
                    Ok(grant) => self.grants.push(grant),
                    Err(problem) => self.problems.push(problem),
                }
            }
            Said::No(code) => self.problems.push(format!("{what}: refused with {code}")),
            Said::Nothing => return false,
        }
        true
    }

    /// The same code on two connections at once.
    fn race(&mut self, n: usize, round: usize) -> bool {
        let Some(Stage::Code(code)) = self.grants.get(n).map(|grant| &grant.stage) else { return true };
        let request = self.service.redeem(code);
        let at = self.history.begin();
        let sent = self.connections.each_mut().map(|connection| connection.send(&request).is_ok());
        let [one, other] = self.connections.each_mut();
        let said = [(one, sent[0]), (other, sent[1])].map(|(connection, sent)| {
            let answer = sent.then(|| connection.receive().ok()).flatten();
            answer.map_or(Said::Nothing, |answer| Said::of(&answer))
        });
        for said in &said {
            let took = self.history.end((self.number, n, round), "code, twice at once", at, said);
            self.slowest = self.slowest.max(took);
            self.load.count("code, twice at once", said);
        }
        let answered = !said.contains(&Said::Nothing);
        if let Some(grant) = self.grants.get_mut(n) {
            grant.round = round;
            grant.doubtful = Some(round).filter(|_| !answered);
            self.problems.extend(grant.raced(said).err());
        }
        answered
    }

    /// Holds everything that changed in this round against what was answered, and some of what is older, or all.
    pub(super) fn verify(&mut self, round: usize, all: bool) {
        self.connections.iter_mut().for_each(Connection::close);
        let older = self.grants.iter().filter(|grant| grant.round < round).count();
        for n in 0..self.grants.len() {
            let recent = self.grants.get(n).is_some_and(|grant| grant.round == round);
            if !self.problems.is_empty() {
                return;
            }
            if all || recent || self.dice.below(older) < SAMPLE {
                self.verify_one(n, round);
            }
            if recent && !all && self.dice.one_in(3) {
                self.replay(n, round);
            }
        }
    }

    /// What is left to be done with a grant is done, and what it has given is looked at.
    fn verify_one(&mut self, n: usize, round: usize) {
        self.surely(n, Op::Issue, round);
        self.surely(n, Op::Redeem, round);
        self.surely(n, Op::Look, round);
        let Some(Stage::Tokens(tokens)) = self.grants.get(n).map(|grant| &grant.stage) else { return };
        let (former, refreshing) = (tokens.former.len(), tokens.refreshing);
        let ended = tokens.fate == Fate::Dead && tokens.refresh.is_some();
        (0..former).for_each(|k| self.surely(n, Op::LookBack(k), round));
        if refreshing || (ended && self.dice.one_in(8)) {
            self.surely(n, Op::Refresh, round);
            self.surely(n, Op::Look, round);
        }
    }

    /// Everything that was used once is presented again.
    fn replay(&mut self, n: usize, round: usize) {
        let used = self.grants.get(n).map_or(0, |grant| grant.used.len());
        (0..used).for_each(|k| self.surely(n, Op::Replay(k), round));
        self.surely(n, Op::Look, round);
    }

    /// Asks until there is an answer: the server is said to be ready.
    fn surely(&mut self, n: usize, op: Op, round: usize) {
        let began = Stopwatch::start();
        loop {
            let (answered, said) = self.perform(n, op, round);
            if let Some(said) = said {
                self.checks.count(op.name(), &said);
            }
            if answered || !self.problems.is_empty() {
                return;
            }
            if began.elapsed() > READY {
                return self
                    .problems
                    .push(format!("AWAY: a server that is ready does not answer: {}", op.name()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks once, and holds the answer against what is known. Whether there was one, or nothing to ask.
    fn perform(&mut self, n: usize, op: Op, round: usize) -> (bool, Option<Said>) {
        let Some(request) = self.grants.get(n).and_then(|grant| op.request(self.service, grant)) else {
            return (true, None);
        };
        let said = self.ask(op.name(), n, round, &request);
        if let Some(grant) = self.grants.get_mut(n) {
            let changes = !matches!(op, Op::Look | Op::LookBack(_));
            grant.round = if changes { round } else { grant.round };
            if changes && said == Said::Nothing {
                grant.doubtful = Some(round);
            }
            let problem = op.apply(grant, &said).err();
            self.problems.extend(problem.map(|why| format!("worker {} grant {n}: {why}", self.number)));
        }
        (said != Said::Nothing, Some(said))
    }

    fn ask(&mut self, what: &'static str, n: usize, round: usize, request: &[u8]) -> Said {
        let at = self.history.begin();
        let answer = self.connections[0].exchange(request);
        let said = answer.map_or(Said::Nothing, |answer| Said::of(&answer));
        self.slowest = self.slowest.max(self.history.end((self.number, n, round), what, at, &said));
        if matches!(said, Said::Yes(_)) && what != Op::Look.name() {
            self.pulse.beat();
        }
        said
    }
}

impl Op {
    fn name(self) -> &'static str {
        match self {
            Self::Issue => "ticket",
            Self::Redeem => "code",
            Self::Refresh => "refresh token",
            Self::Revoke => "revocation",
            Self::Look => "introspection",
            Self::LookBack(_) => "introspection of what a refresh has ended",
            Self::Replay(_) => "what was used before",
        }
    }

    /// The request; `None` where the grant has nothing for it.
    fn request(self, service: &Service, grant: &Grant) -> Option<Vec<u8>> {
        Some(match (self, &grant.stage) {
            (Self::Issue, Stage::Ticket(ticket)) => service.issue(ticket),
            (Self::Redeem, Stage::Code(code)) => service.redeem(code),
            (Self::Refresh, Stage::Tokens(tokens)) => service.refresh(tokens.refresh.as_ref()?),
            (Self::Revoke, Stage::Tokens(tokens)) => service.revoke(&tokens.access),
            (Self::Look, Stage::Tokens(tokens)) => service.introspect(&tokens.access),
            (Self::LookBack(k), Stage::Tokens(tokens)) => service.introspect(tokens.former.get(k)?),
            (Self::Replay(k), _) => match grant.used.get(k)? {
                Used::Ticket(ticket) => service.issue(ticket),
                Used::Code(code) => service.redeem(code),
                Used::Refresh(token) => service.refresh(token),
            },
            _ => return None,
        })
    }

    fn apply(self, grant: &mut Grant, said: &Said) -> Result<(), String> {
        match self {
            Self::Issue => grant.issued(said),
            Self::Redeem => grant.redeemed(said),
            Self::Refresh => grant.refreshed(said),
            Self::Revoke => grant.revoked(said),
            Self::Look => grant.introspected(said),
            Self::LookBack(_) => match said {
                Said::Yes(_) => Err("AGAIN: an access token is good that a refresh has ended".to_owned()),
                _ => Ok(()),
            },
            Self::Replay(k) => match grant.used.get(k).cloned() {
                Some(used) => grant.replayed(&used, said),
                None => Ok(()),
            },
        }
    }
}
