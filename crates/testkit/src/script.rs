//! The lines of a case: words, quoted values, and `{variables}`.

use std::collections::HashMap;

use serde_json::Value;

/// What a case has saved so far.
pub(crate) type Variables = HashMap<String, String>;

/// Splits a line into words; `'…'` keeps spaces and is taken away.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut any) = (Vec::new(), String::new(), false, false);
    for c in line.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                any = true;
            }
            ' ' if !quoted => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            c => word.push(c),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}

/// Puts variables in place of their names in braces; other braces stay, so that JSON can be written.
pub(crate) fn fill(text: &str, variables: &Variables) -> String {
    let mut out = text.to_owned();
    for (name, value) in variables {
        out = out.replace(&format!("{{{name}}}"), value);
    }
    out
}

/// `name=value`, the value as JSON where it is JSON, else as a text.
pub(crate) fn member(word: &str) -> Option<(String, Value)> {
    let (name, text) = word.split_once('=')?;
    let value = match text.strip_prefix('$') {
        // `$text` is a text even where it would be a number.
        Some(text) => Value::from(text),
        None => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
    };
    Some((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_members_are_read() {
        assert_eq!(words("call token a='b c' d=''"), ["call", "token", "a=b c", "d="]);
        assert_eq!(member("a=1"), Some(("a".into(), 1.into())));
        assert_eq!(member("a=$1"), Some(("a".into(), "1".into())));
        assert_eq!(member("a=x=y"), Some(("a".into(), "x=y".into())));
        assert_eq!(member("a"), None);
    }
}
