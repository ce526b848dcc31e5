//! Single values: whether one is of a kind, and texts that are more than texts: amounts, weights, chains of models.

use std::ops::Range;

use toml::de::{DeInteger, DeValue};

use super::nearest::nearest;
use super::schema::Kind;
use super::{Amount, Template};

/// What is wrong with a value of the right type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Offence {
    /// The stable part.
    pub(super) code: &'static str,
    /// What is wrong.
    pub(super) message: String,
    /// What to do.
    pub(super) hint: Option<String>,
    /// Where in the string's value, where it is a part.
    pub(super) inner: Option<Range<usize>>,
    /// What could stand in its place, as it is written.
    pub(super) words: Vec<String>,
}

impl Offence {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Offence {
        Offence { code, message: message.into(), hint: None, inner: None, words: Vec::new() }
    }

    fn hint(self, hint: impl Into<String>) -> Offence {
        Offence { hint: Some(hint.into()), ..self }
    }

    fn or(self, words: Vec<String>) -> Offence {
        Offence { words, ..self }
    }
}

/// Whether a value is of a kind: `Err(None)` where its type is another, `Err(Some(_))` where the type is right.
pub(super) fn fault(kind: Kind, value: &DeValue<'_>) -> Result<(), Option<Offence>> {
    match kind {
        Kind::Anything => Ok(()),
        Kind::Text => value.as_str().map(drop).ok_or(None),
        Kind::Template => template(value.as_str().ok_or(None)?).map(drop).map_err(Some),
        Kind::Scalar => match value {
            DeValue::String(text) => template(text).map(drop).map_err(Some),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => {
                number(value).map_or(Ok(()), |number| {
                    number.is_finite().then_some(()).ok_or(Some(Offence::new(
                        "out-of-range",
                        "that is no number to count with",
                    )))
                })
            }
            _ => Err(None),
        },
        Kind::Boolean => matches!(value, DeValue::Boolean(_)).then_some(()).ok_or(None),
        Kind::Choice(words) => {
            let word = value.as_str().ok_or(None)?;
            if words.contains(&word) { Ok(()) } else { Err(Some(no_word(word, words))) }
        }
        Kind::Number { min, max } => {
            let number = number(value).ok_or(None)?;
            if (min..=max).contains(&number) {
                return Ok(());
            }
            let nearest = if number < min { min } else { max };
            Err(Some(out_of_range(&kind, &nearest.to_string(), number.is_nan())))
        }
        Kind::Integer { min, max } => {
            let whole = integer(value).ok_or(None)?;
            match u64::try_from(whole) {
                Ok(whole) if (min..=max).contains(&whole) => Ok(()),
                _ => {
                    let nearest = if whole < i128::from(min) { min } else { max };
                    Err(Some(out_of_range(&kind, &nearest.to_string(), false)))
                }
            }
        }
        Kind::Integers => match value {
            DeValue::Array(values) => {
                let good = values.iter().all(|value| integer(value.get_ref()).is_some());
                good.then_some(()).ok_or(None)
            }
            _ => Err(None),
        },
        Kind::Amount => amount(value.as_str().ok_or(None)?).map(drop).map_err(Some),
        Kind::DailyAmount => {
            let text = value.as_str().ok_or(None)?;
            let text = text.trim_end();
            let text = text.strip_suffix("/day").or(text.strip_suffix("a day")).unwrap_or(text);
            amount(text).map(drop).map_err(Some)
        }
        Kind::Texts
        | Kind::Strings
        | Kind::Words(_)
        | Kind::ChoiceOr(..)
        | Kind::IntegerOr(..)
        | Kind::Table(_)
        | Kind::Tables(_) => Err(None),
    }
}

/// A value of another type written as one of this kind, where that is plain: `"2"` for a number, `2` for a text.
pub(super) fn as_kind(kind: Kind, value: &DeValue<'_>) -> Option<String> {
    match (kind, value) {
        (Kind::Number { .. } | Kind::Integer { .. } | Kind::Boolean, DeValue::String(text)) => {
            let text = text.trim();
            let plain = text.chars().all(|it| it.is_ascii_alphanumeric() || it == '.');
            let document = plain.then(|| format!("a = {text}"))?;
            let table = toml::de::DeTable::parse(&document).ok()?;
            fault(kind, table.get_ref().get("a")?.get_ref()).ok()?;
            Some(text.to_owned())
        }
        (Kind::Text | Kind::Template, DeValue::Integer(number)) => Some(format!("\"{number}\"")),
        (Kind::Text | Kind::Template, DeValue::Float(number)) => Some(format!("\"{number}\"")),
        _ => None,
    }
}

fn no_word(word: &str, words: &[&str]) -> Offence {
    let near = nearest(word, words.iter().copied());
    let list = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let hint = match near.first() {
        Some(near) => format!("did you mean `{near}`? It takes {list}"),
        None => format!("it takes {list}"),
    };
    Offence::new("unknown-word", format!("`{word}` is not known"))
        .hint(hint)
        .or(near.iter().map(|word| format!("\"{word}\"")).collect())
}

fn out_of_range(kind: &Kind, nearest: &str, no_number: bool) -> Offence {
    let words = if no_number { Vec::new() } else { vec![nearest.to_owned()] };
    Offence::new("out-of-range", format!("it takes {}", kind.words())).or(words)
}

/// The number that a value is.
pub(super) fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Float(float) => float.as_str().parse().ok(),
        DeValue::Integer(_) => integer(value).map(|whole| whole as f64),
        _ => None,
    }
}

/// The whole number that a value is.
pub(super) fn integer(value: &DeValue<'_>) -> Option<i128> {
    let DeValue::Integer(integer) = value else { return None };
    whole(integer)
}

fn whole(integer: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A text with placeholders.
pub(super) fn template(text: &str) -> Result<Template, Offence> {
    Template::parse(text).map_err(|error| Offence {
        inner: Some(error.range),
        ..Offence::new("template", error.message).hint(
            "`{name}` is filled for each picture, `{exif.date|undated}` has something to fall back on",
        )
    })
}

/// An amount of money: `0.20 USD`.
pub fn amount_of(text: &str) -> Option<Amount> {
    amount(text).ok()
}

pub(super) fn amount(text: &str) -> Result<Amount, Offence> {
    let text = text.trim();
    let split = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, currency) = text.split_at(split.unwrap_or(text.len()));
    let currency = currency.trim();
    let wrong = |message: String| Offence::new("amount", message).hint("write `0.20 USD`");
    let value: f64 = match number.parse() {
        Ok(value) => value,
        Err(_) => return Err(wrong(format!("`{text}` is no amount"))),
    };
    let code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_alphabetic());
    if currency.is_empty() {
        return Err(wrong(format!("`{text}` has no currency"))
            .or(["USD", "EUR"].map(|code| format!("\"{number} {code}\"")).to_vec()));
    }
    if !code {
        let meant = match currency {
            "$" => vec![format!("\"{number} USD\"")],
            "€" => vec![format!("\"{number} EUR\"")],
            _ => Vec::new(),
        };
        return Err(wrong(format!("`{currency}` is no currency's code of three letters")).or(meant));
    }
    if currency.bytes().any(|byte| byte.is_ascii_lowercase()) {
        let upper = currency.to_ascii_uppercase();
        return Err(wrong(format!("a currency's code is written `{upper}`"))
            .or(vec![format!("\"{number} {upper}\"")]));
    }
    Ok(Amount { amount: value, currency: currency.to_owned() })
}

/// `NAME:WEIGHT` as both; without a weight it is 1.
pub(super) fn weighted(text: &str) -> Result<(&str, f64), Offence> {
    // A colon may stand in a placeholder's fallback.
    let from = text.rfind('}').map_or(0, |at| at + 1);
    let Some(colon) = text[from..].rfind(':').map(|at| from + at) else {
        return Ok((text.trim(), 1.0));
    };
    let (name, weight) = (&text[..colon], text[colon + 1..].trim());
    match weight.parse::<f64>() {
        Ok(weight) if weight.is_finite() && weight > 0.0 => Ok((name.trim(), weight)),
        _ => Err(Offence {
            inner: Some(colon + 1..text.len()),
            ..Offence::new("weight", format!("`{weight}` is no weight above 0"))
                .hint("write `NAME:0.7`")
        }),
    }
}

/// The alternatives of `flux-2-pro, else local-style`, each with where it stands in the text.
pub fn chain(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0_usize, 0_usize);
    let mut push = |range: Range<usize>| {
        let part = &text[range.clone()];
        let begin = range.start + part.len() - part.trim_start().len();
        let name = part.trim();
        parts.push((begin..begin + name.len(), name));
    };
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                let rest = &text[at + 1..];
                let word = rest.trim_start();
                let after = word.strip_prefix("else");
                if let Some(after) = after.filter(|after| after.starts_with(char::is_whitespace)) {
                    push(start..at);
                    start = text.len() - after.len();
                }
            }
            _ => {}
        }
    }
    push(start..text.len());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_a_currency() {
        assert_eq!(amount("0.20 USD"), Ok(Amount { amount: 0.2, currency: "USD".into() }));
        assert_eq!(amount("5EUR").unwrap().currency, "EUR");
        assert_eq!(amount("0.2").unwrap_err().words[0], "\"0.2 USD\"");
        assert_eq!(amount("0.2 usd").unwrap_err().words, ["\"0.2 USD\""]);
        for text in ["", "USD", "-1 USD", "1 USDX", "1.2.3 USD", "0.5 ¢", "∞ USD"] {
            assert!(amount(text).is_err(), "{text}");
        }
    }

    #[test]
    fn chains_are_taken_apart_where_they_stand() {
        let parts = |text| chain(text).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        assert_eq!(parts("a"), ["a"]);
        assert_eq!(parts("flux-2-pro, else  local ,else\tx"), ["flux-2-pro", "local", "x"]);
        assert_eq!(parts("{model|a, else b}, else c"), ["{model|a, else b}", "c"]);
        assert_eq!(parts("a, elsewhere"), ["a, elsewhere"]);
        assert_eq!(parts(""), [""]);
        let text = " a, else bc ";
        for (range, name) in chain(text) {
            assert_eq!(&text[range], name);
        }
    }

    #[test]
    fn weights_follow_a_colon() {
        assert_eq!(weighted("warm-oil:0.6"), Ok(("warm-oil", 0.6)));
        assert_eq!(weighted("warm-oil"), Ok(("warm-oil", 1.0)));
        assert_eq!(weighted("{style|a:b}"), Ok(("{style|a:b}", 1.0)));
        for text in ["a:", "a:x", "a:0", "a:-1", "a:inf", "a:NaN"] {
            assert!(weighted(text).is_err(), "{text}");
        }
    }
}
