//! Who plays a scene, and what they were answered.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::task::{Context, Waker};

use super::chance::Chance;
use super::history::{Entry, MOST};
use super::stage::{Scene, Stage};
use crate::world::block_on;

pub(crate) struct Callers<'a, S: Scene> {
    stage: &'a Stage,
    scene: &'a S,
    /// Counts calls and answers.
    clock: Cell<usize>,
    history: RefCell<Vec<Entry<S::Op>>>,
}

/// How far each of two goes before the other goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turns {
    pub(crate) of_first: usize,
    pub(crate) of_second: usize,
}

/// Milliseconds that the clock of a node may be ahead of another's.
const AHEAD: [i64; 4] = [0, 1, 400, 900];

impl<'a, S: Scene> Callers<'a, S> {
    pub(crate) fn new(stage: &'a Stage, scene: &'a S) -> Self {
        Self { stage, scene, clock: Cell::new(0), history: RefCell::default() }
    }

    /// Several at once, each at a node with a clock of its own: whose turn it is, chance decides. Returns how many turns
    /// there were.
    pub(crate) fn together(&self, chance: &mut Chance) -> usize {
        let callers = 2 + chance.below(3);
        let mut playing: Vec<_> = (0..callers)
            .map(|_| {
                let (ahead, times, own) = (chance.of(AHEAD), 1 + chance.below(5), Chance::new(chance.seed()));
                let playing: Pin<Box<dyn Future<Output = ()> + '_>> = Box::pin(self.caller(times, own));
                (ahead, playing)
            })
            .collect();
        self.stage.weather.calm(false);
        let mut turns = 0;
        while !playing.is_empty() {
            let next = chance.below(playing.len());
            turns += 1;
            let (ahead, caller) = &mut playing[next];
            self.stage.world.node_ahead(*ahead);
            if caller.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                drop(playing.swap_remove(next));
            }
        }
        self.stage.world.node_ahead(0);
        self.stage.weather.calm(true);
        turns
    }

    /// Two operations: the first goes so far, then the second, then the first to its end, then the second. Returns how many
    /// turns there were, and which of the two had come to its end by the time the other went on.
    pub(crate) fn in_turns(&self, [first, second]: [&S::Op; 2], turns: Turns) -> (usize, [bool; 2]) {
        let mut playing = [first, second].map(|op| Some(Box::pin(self.one(op.clone()))));
        self.stage.weather.calm(false);
        let mut count = 0;
        let mut go = |which: usize, times: usize| {
            for _ in 0..times {
                let Some(caller) = &mut playing[which] else { break };
                count += 1;
                if caller.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                    playing[which] = None;
                }
            }
            playing[which].is_none()
        };
        let done = [go(0, turns.of_first), go(1, turns.of_second)];
        go(0, usize::MAX);
        go(1, usize::MAX);
        self.stage.weather.calm(true);
        (count, done)
    }

    async fn caller(&self, times: usize, mut chance: Chance) {
        for _ in 0..times {
            if chance.one_in(4) {
                self.stage.world.advance(S::PACE);
            }
            self.one(self.scene.choose(&mut chance, &self.stage.given())).await;
        }
    }

    /// Looks at what has become of it all, with nobody beside.
    pub(crate) fn close(&self) {
        for op in self.scene.closing(&self.stage.given()) {
            self.alone(op);
        }
    }

    /// One operation with nobody beside, as far as a history may go.
    pub(crate) fn alone(&self, op: S::Op) {
        if self.history.borrow().len() < MOST {
            block_on(self.one(op));
        }
    }

    async fn one(&self, op: S::Op) {
        let number = self.history.borrow().len();
        self.history.borrow_mut().push(Entry { op: op.clone(), called: self.tick(), answered: None });
        let (outcome, given) = self.scene.perform(self.stage, &op).await;
        given.into_iter().for_each(|given| self.stage.give(number, given));
        self.history.borrow_mut()[number].answered = Some((self.tick(), outcome));
    }

    fn tick(&self) -> usize {
        self.clock.replace(self.clock.get() + 1)
    }

    pub(crate) fn into_history(self) -> Vec<Entry<S::Op>> {
        self.history.into_inner()
    }
}
