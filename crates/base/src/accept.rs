//! RFC 9110 §12.5.1 – which of two forms of an answer is wanted.

/// The one of two forms that is wanted most (RFC 9110 §12.5.1), and of those that are wanted alike the one that is named first.
/// Where neither is wanted, it is the first that is not refused by name.
///
/// `fields`: the values of the header's fields.
pub fn preferred<'a, 'h>(fields: impl IntoIterator<Item = &'h str>, forms: [&'a str; 2]) -> &'a str {
    let ranges = fields.into_iter().flat_map(|field| field.split(','));
    let weighed: Vec<_> = ranges.filter_map(|range| weighed(range, forms)).collect();
    // Of those that are equal `max_by_key` takes the last.
    let most = weighed.iter().rev().filter(|(_, weight)| *weight > 0).max_by_key(|(_, weight)| *weight);
    let refused = |form: &&str| weighed.iter().any(|(named, _)| named == form);
    let [first, _] = forms;
    most.map(|(form, _)| *form).or_else(|| forms.into_iter().find(|form| !refused(form))).unwrap_or(first)
}

/// The form that a range names, and its weight in thousandths (RFC 9110 §12.4.2). What is no weight is taken as none.
fn weighed<'a>(range: &str, forms: [&'a str; 2]) -> Option<(&'a str, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let form = forms.into_iter().find(|form| name.eq_ignore_ascii_case(form))?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let thousandths = |text: &str| {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = part.len() <= 3 && part.bytes().all(|digit| digit.is_ascii_digit());
        match (whole, format!("{part:0<3}").parse::<u16>()) {
            ("0", Ok(part)) if digits => Some(part),
            ("1", Ok(0)) if digits => Some(1000),
            _ => None,
        }
    };
    Some((form, weight.and_then(thousandths).unwrap_or(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_most_is_sent_and_never_what_is_refused() {
        for (accept, sent) in [
            ("", "a/a"),
            ("*/*", "a/a"),
            ("a/a", "a/a"),
            ("B/B", "b/b"),
            ("a/a, b/b", "a/a"),
            ("b/b, a/a", "b/b"),
            ("b/b;q=0", "a/a"),
            ("b/b; q=0.000, a/a;q=0.1", "a/a"),
            ("a/a;q=0", "b/b"),
            ("a/a;q=0,b/b;q=0.0", "a/a"),
            ("a/a;q=0.5, b/b;q=0.75", "b/b"),
            ("a/a;q=0.51, b/b;q=0.505", "a/a"),
            ("a/a;v=1;Q=0.1, b/b", "b/b"),
            ("a/a;q=0.9, b/b;q=1.000", "b/b"),
            // What is no weight counts as none.
            ("b/b;q=-1, a/a;q=2", "b/b"),
            ("a/a;q=0.0001, b/b", "a/a"),
        ] {
            assert_eq!(preferred([accept], ["a/a", "b/b"]), sent, "{accept}");
        }
        assert_eq!(preferred([], ["a/a", "b/b"]), "a/a");
        assert_eq!(preferred(["a/a;q=0.1", "b/b"], ["a/a", "b/b"]), "b/b");
    }
}
