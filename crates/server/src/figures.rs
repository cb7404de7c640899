//! What the store counts of its work, for Prometheus.

use std::fmt::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use placet_ambient::Clock;
use placet_store::{Meter, Spread};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use crate::jobs::CurrentSweep;

/// The figures of a store, as they are when somebody looks.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) meter: Arc<Meter>,
    pub(crate) clock: Clock,
    pub(crate) sweep: Arc<CurrentSweep>,
}

impl Figures {
    /// For how long the oldest of what is to be swept has been waiting for it.
    fn lag(&self) -> Option<f64> {
        let ended = self.meter.first_end.get()?;
        let overdue = (self.clock.now() - self.sweep.get().retention).millis().saturating_sub(ended).max(0);
        Some(overdue as f64 / 1e3)
    }
}

impl Collector for Figures {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> Result<(), Error> {
        let meter = &*self.meter;
        let micros = (&meter.commits, 1e6);
        spread(&mut to, ("store_commit_seconds", "Time to have a group of changes on disk"), micros)?;
        let help = "Batches of changes that one commit of the store has held";
        spread(&mut to, ("store_commit_batches", help), (&meter.together, 1.0))?;
        let rows = [("log", meter.log_rows.get()), ("catalogue", meter.catalogue_rows.get())];
        let rows = rows.map(|(layout, rows)| (layout, rows.map(|rows| rows as f64)));
        gauges(&mut to, ("store_rows", "Rows of the store, about", "layout"), &rows)?;
        let name = ("sweep_lag_seconds", "How long the oldest expired row has waited to be removed", "");
        gauges(&mut to, name, &[("", self.lag())])?;
        let Some(pool) = &meter.pool else { return Ok(()) };
        let states = [("open", &pool.open), ("busy", &pool.busy)];
        let states = states.map(|(state, count)| (state, count.load(Ordering::Relaxed)));
        let states = states.map(|(state, count)| (state, Some(count as f64)));
        gauges(&mut to, ("database_connections", "Connections to the database", "state"), &states)
    }
}

fn spread<const N: usize>(
    to: &mut DescriptorEncoder<'_>,
    (name, help): (&str, &str),
    (spread, unit): (&Spread<N>, f64),
) -> Result<(), Error> {
    let buckets: Vec<_> = spread
        .counts()
        .map(|(bound, count)| (bound.map_or(f64::INFINITY, |bound| bound as f64 / unit), count))
        .collect();
    let count = buckets.iter().map(|(_, count)| count).sum();
    let mut to = to.encode_descriptor(name, help, None, MetricType::Histogram)?;
    to.encode_histogram::<NoLabelSet>(spread.sum() as f64 / unit, count, &buckets, None)
}

/// Those that are known; without a label there is one.
fn gauges(
    to: &mut DescriptorEncoder<'_>,
    (name, help, label): (&str, &str, &str),
    values: &[(&str, Option<f64>)],
) -> Result<(), Error> {
    let known = || values.iter().filter_map(|(of, value)| Some((*of, (*value)?)));
    if known().next().is_none() {
        return Ok(());
    }
    let mut to = to.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (of, value) in known() {
        match label {
            "" => to.encode_gauge(&value)?,
            label => to.encode_family(&[(label, of)])?.encode_gauge(&value)?,
        }
    }
    Ok(())
}
