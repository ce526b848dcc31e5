//! The options of `easel transform` as the wire says them.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use easel_protocol::model::{Intent, Keep, Margins, StyleWeight};
use serde_json::Value;

/// An intent, by its name on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IntentName(pub(super) Intent);

impl ValueEnum for IntentName {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [IntentName; 8] = {
            let mut all = [IntentName(Intent::Restyle); 8];
            let mut index = 0;
            while index < all.len() {
                all[index] = IntentName(Intent::ALL[index]);
                index += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self.0 {
            Intent::Restyle => "another look, the same picture",
            Intent::Enhance => "sharper, cleaner or larger",
            Intent::Background => "another background behind the subject",
            Intent::Cutout => "the subject alone on transparency",
            Intent::Reimagine => "a new picture that takes this one as its idea",
            Intent::Edit => "one described change",
            Intent::Erase => "remove what the mask covers",
            Intent::Expand => "continue the picture beyond its borders",
        };
        Some(PossibleValue::new(self.0.name()).help(help))
    }
}

/// What must stay, by its name on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeepName(pub(super) Keep);

impl ValueEnum for KeepName {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [KeepName; 5] = {
            let mut all = [KeepName(Keep::Subject); 5];
            let mut index = 0;
            while index < all.len() {
                all[index] = KeepName(Keep::ALL[index]);
                index += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()))
    }
}

/// `NAME` or `NAME:WEIGHT`.
pub(super) fn style(text: &str) -> Result<StyleWeight, String> {
    let (name, weight) = text.rsplit_once(':').unwrap_or((text, "1"));
    let weight: f64 =
        weight.parse().map_err(|_| format!("`{weight}` is no weight, write `NAME:0.7`"))?;
    if name.trim().is_empty() {
        return Err("a style has a name".to_owned());
    }
    Ok(StyleWeight { name: name.trim().to_owned(), weight })
}

/// `PIXELS`, or `TOP,RIGHT,BOTTOM,LEFT`.
pub(super) fn margins(text: &str) -> Result<Margins, String> {
    let numbers: Result<Vec<u32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    match numbers.as_deref() {
        Ok(&[all]) => Ok(Margins { top: all, right: all, bottom: all, left: all }),
        Ok(&[top, right, bottom, left]) => Ok(Margins { top, right, bottom, left }),
        _ => Err(format!("`{text}` is neither one number nor four, write `200` or `0,200,0,200`")),
    }
}

/// `NAME=VALUE`: a value that reads as JSON is one, anything else is a text.
pub(super) fn param(text: &str) -> Result<(String, Value), String> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| format!("`{text}` has no `=`, write `NAME=VALUE`"))?;
    let value = match serde_json::from_str(value) {
        Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::String(_))) => value,
        _ => Value::String(value.to_owned()),
    };
    Ok((name.trim().to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_and_params_as_people_write_them() {
        assert_eq!(style("monet:0.7"), Ok(StyleWeight { name: "monet".into(), weight: 0.7 }));
        assert_eq!(style("monet"), Ok(StyleWeight { name: "monet".into(), weight: 1.0 }));
        assert!(style("monet:much").is_err() && style(":1").is_err());
        assert_eq!(param("tier=best"), Ok(("tier".into(), "best".into())));
        assert_eq!(param("radius=2.5"), Ok(("radius".into(), 2.5.into())));
        assert_eq!(param("background=#ffffff"), Ok(("background".into(), "#ffffff".into())));
        assert!(param("tier").is_err());
        assert_eq!(margins("5"), Ok(Margins { top: 5, right: 5, bottom: 5, left: 5 }));
        assert_eq!(margins("1, 2,3,4"), Ok(Margins { top: 1, right: 2, bottom: 3, left: 4 }));
        assert!(margins("1,2").is_err() && margins("-1").is_err());
    }
}
