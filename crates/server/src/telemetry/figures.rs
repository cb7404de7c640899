//! The metrics as OTLP has them, read from the very text that `/metrics` shows: what is counted is counted once, and both
//! say the same. The text is our own (OpenMetrics 1.0, without exemplars and time stamps); a line that is none is left out.

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, Sum,
};

use super::spans::text;

/// Nanoseconds since the epoch: since when is counted, and until when.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) now: u64,
}

/// Reads the text.
pub(super) fn metrics(said: &str, span: Span) -> Vec<Metric> {
    let mut families = Families { metrics: Vec::new(), span };
    let mut help = "";
    for line in said.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' '))
        {
            families.begin(name, kind, help);
        } else if let Some(sample) = Sample::parse(line) {
            families.add(&sample);
        }
    }
    families.metrics
}

/// A line of the text.
struct Sample<'a> {
    name: &'a str,
    labels: Vec<KeyValue>,
    /// Of a bucket.
    bound: Option<f64>,
    value: f64,
}

impl<'a> Sample<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (series, value) = line.rsplit_once(' ')?;
        let value = value.parse().ok()?;
        let (name, within) = series.split_once('{').unwrap_or((series, ""));
        let (mut labels, mut bound, mut rest) = (Vec::new(), None, within);
        while let Some((key, quoted)) = rest.split_once("=\"") {
            let (value, after) = unquoted(quoted)?;
            match key {
                "le" => bound = Some(value.replace("+Inf", "inf").parse().ok()?),
                key => labels.push(text(key, &value)),
            }
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        Some(Self { name, labels, bound, value })
    }
}

/// A value up to its quotation mark, and what stands behind that.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => match letters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

struct Families {
    metrics: Vec<Metric>,
    span: Span,
}

impl Families {
    /// The samples that follow are of this family, which comes last from here on. One that came before goes on.
    fn begin(&mut self, name: &str, kind: &str, help: &str) {
        let cumulative = AggregationTemporality::Cumulative.into();
        let data = match kind {
            "counter" => {
                Data::Sum(Sum { aggregation_temporality: cumulative, is_monotonic: true, ..Sum::default() })
            }
            "histogram" => {
                Data::Histogram(Histogram { aggregation_temporality: cumulative, ..Histogram::default() })
            }
            _ => Data::Gauge(Gauge::default()),
        };
        let former = self.metrics.iter().position(|metric| metric.name == name);
        let metric = former.map(|at| self.metrics.remove(at)).unwrap_or_else(|| Metric {
            name: name.to_owned(),
            description: help.to_owned(),
            data: Some(data),
            ..Metric::default()
        });
        self.metrics.push(metric);
    }

    fn add(&mut self, sample: &Sample<'_>) {
        let Span { start, now } = self.span;
        let Some(metric) = self.metrics.last_mut() else { return };
        let Some(end) = sample.name.strip_prefix(metric.name.as_str()) else { return };
        let point = |start| NumberDataPoint {
            attributes: sample.labels.clone(),
            start_time_unix_nano: start,
            time_unix_nano: now,
            value: Some(Value::AsDouble(sample.value)),
            ..NumberDataPoint::default()
        };
        match &mut metric.data {
            Some(Data::Sum(sum)) => sum.data_points.push(point(start)),
            // It is what it is now.
            Some(Data::Gauge(gauge)) => gauge.data_points.push(point(0)),
            Some(Data::Histogram(histogram)) => spread(histogram, self.span, (end, sample)),
            _ => {}
        }
    }
}

/// A line of a histogram: those of one spread follow each other, buckets in the order of their bounds, each with what is in the
/// smaller ones.
fn spread(histogram: &mut Histogram, span: Span, (end, sample): (&str, &Sample<'_>)) {
    let points = &mut histogram.data_points;
    if points.last().is_none_or(|last| last.attributes != sample.labels) {
        points.push(HistogramDataPoint {
            attributes: sample.labels.clone(),
            start_time_unix_nano: span.start,
            time_unix_nano: span.now,
            ..HistogramDataPoint::default()
        });
    }
    let Some(point) = points.last_mut() else { return };
    match (end, sample.bound) {
        ("_sum", _) => point.sum = Some(sample.value),
        ("_count", _) => point.count = sample.value as u64,
        ("_bucket", Some(bound)) => {
            let smaller: u64 = point.bucket_counts.iter().sum();
            point.bucket_counts.push((sample.value as u64).saturating_sub(smaller));
            point.explicit_bounds.extend(bound.is_finite().then_some(bound));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Metrics;
    use std::time::Duration;

    const SPAN: Span = Span { start: 1, now: 2 };

    #[test]
    fn what_is_counted_comes_out_as_it_is() {
        let counted = Metrics::new();
        let endpoint = placet_api::EndpointId::introspection;
        for (status, micros) in [(200, 90), (200, 300), (401, 3_000_000)] {
            counted.observe(Some(endpoint), status, Duration::from_micros(micros));
        }
        counted.swept.inc_by(7);
        let metrics = metrics(&counted.text(), SPAN);
        let of = |name: &str| {
            let mut found = metrics.iter().filter(|metric| metric.name == name);
            let metric = found.next().unwrap().clone();
            assert!(found.next().is_none(), "{name} is there twice");
            metric.data.unwrap()
        };
        let Data::Sum(calls) = of("placet_calls") else { panic!() };
        assert_eq!(calls.data_points.len(), 3 * placet_api::endpoints::ALL.len());
        assert!(calls.is_monotonic);
        let named = [text("endpoint", "introspection"), text("status", "4xx")];
        let refused = calls.data_points.iter().find(|point| point.attributes == named).unwrap();
        assert_eq!(refused.value, Some(Value::AsDouble(1.0)));
        assert_eq!((refused.start_time_unix_nano, refused.time_unix_nano), (1, 2));
        let Data::Sum(swept) = of("placet_swept_rows") else { panic!() };
        assert_eq!(swept.data_points[0].value, Some(Value::AsDouble(7.0)));
        let Data::Histogram(seconds) = of("placet_call_seconds") else { panic!() };
        let named = [text("endpoint", "introspection")];
        let point = seconds.data_points.iter().find(|point| point.attributes == named).unwrap();
        assert_eq!(point.count, 3);
        assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
        assert_eq!(point.bucket_counts[..4], [1, 0, 1, 0]);
        assert_eq!(point.bucket_counts.last(), Some(&1));
        assert!((point.sum.unwrap() - 3.00039).abs() < 1e-9);
    }

    #[test]
    fn labels_are_unquoted_and_gauges_are_of_now() {
        let said = "# HELP a What it is.\n# TYPE a gauge\na{b=\"c\\\"d,\\\\\\n=\",e=\"\"} -1.5\nnothing\na x\n# EOF\n";
        let [metric] = metrics(said, SPAN).try_into().unwrap();
        assert_eq!((metric.name.as_str(), metric.description.as_str()), ("a", "What it is."));
        let Some(Data::Gauge(gauge)) = metric.data else { panic!() };
        let [point] = gauge.data_points.try_into().unwrap();
        assert_eq!(point.attributes, [text("b", "c\"d,\\\n="), text("e", "")]);
        assert_eq!((point.start_time_unix_nano, point.value), (0, Some(Value::AsDouble(-1.5))));
    }
}
