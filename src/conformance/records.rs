//! Whether the capability records make sense: what the daemon itself demands of them before it runs
//! anything, and what people rely on who set a model's own parameters. Runs nothing.

use easel_protocol::model::{Descriptor, ParamKind, ParamRecord};

use super::report::{Finding, Verdict};
use super::subject::Subject;
use crate::backend::descriptor;

pub(super) fn make_sense(subject: &Subject<'_>) -> Verdict {
    fault(subject.descriptor()?).map_or(Ok(()), |fault| {
        Err(Finding::fail(fault, "correct the capability record that `describe` returns"))
    })
}

/// What is wrong with the records, if anything is. No model is run where something is.
pub(super) fn fault(described: &Descriptor) -> Option<String> {
    // Whether the ids agree is for another case.
    if let Err(failure) = descriptor::check(described, &described.id) {
        return Some(failure.message);
    }
    described.models.iter().find_map(|model| {
        let fault = model.params.iter().find_map(param_fault)?;
        Some(format!("model `{}`: {fault}", model.id))
    })
}

fn param_fault(param: &ParamRecord) -> Option<String> {
    let ParamRecord { name, value, default, .. } = param;
    let possible = match value {
        ParamKind::Choice { values } => !values.is_empty(),
        ParamKind::Number { min, max } => min <= max,
        ParamKind::Boolean | ParamKind::Text => true,
    };
    if !possible {
        return Some(format!("no value is possible for the parameter `{name}`"));
    }
    let fits = match value {
        ParamKind::Choice { values } => {
            default.as_str().is_some_and(|word| values.iter().any(|known| known == word))
        }
        ParamKind::Number { min, max } => {
            default.as_f64().is_some_and(|number| (*min..=*max).contains(&number))
        }
        ParamKind::Boolean => default.is_boolean(),
        ParamKind::Text => default.is_string(),
    };
    let missing = default.is_null();
    (!fits && !missing)
        .then(|| format!("the parameter `{name}` cannot be its own default `{default}`"))
}

#[cfg(test)]
mod tests {
    use easel_protocol::model::{Intent, ModelRecord};
    use serde_json::{Value, json};

    use super::*;

    fn with_param(value: ParamKind, default: Value) -> Option<String> {
        let param =
            ParamRecord { name: "level".to_owned(), description: String::new(), value, default };
        let model =
            ModelRecord { params: vec![param], ..ModelRecord::new("a", "A", &[Intent::Edit]) };
        fault(&Descriptor {
            id: "a".to_owned(),
            name: "A".to_owned(),
            version: "1".to_owned(),
            max_instances: 1,
            models: vec![model],
        })
    }

    #[test]
    fn parameters_have_values_and_defaults_among_them() {
        let number = |min, max| ParamKind::Number { min, max };
        let choice = |words: &[&str]| ParamKind::Choice {
            values: words.iter().map(|&word| word.to_owned()).collect(),
        };
        for (value, default) in [
            (number(0.0, 1.0), json!(0.5)),
            (number(1.0, 1.0), Value::Null),
            (choice(&["a", "b"]), json!("b")),
            (ParamKind::Boolean, json!(false)),
            (ParamKind::Text, json!("")),
        ] {
            assert_eq!(with_param(value, default), None);
        }
        for (value, default, words) in [
            (number(2.0, 1.0), Value::Null, "no value is possible"),
            (choice(&[]), Value::Null, "no value is possible"),
            (number(0.0, 1.0), json!(7), "its own default `7`"),
            (choice(&["a"]), json!("c"), "its own default"),
            (ParamKind::Boolean, json!("no"), "its own default"),
            (ParamKind::Text, json!(1), "its own default"),
        ] {
            let fault = with_param(value, default).unwrap();
            assert!(fault.contains(words), "{fault}");
        }
    }
}
