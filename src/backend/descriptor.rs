//! What a backend says of itself, checked before anybody believes it.

use std::collections::HashSet;

use easel_protocol::model::{Descriptor, ModelRecord};
use easel_protocol::{ErrorKind, Failure};

/// A descriptor may have at most so many models: it is shown to people.
const MAX_MODELS: usize = 200;
/// And at most so many instances, each a process.
pub const MAX_INSTANCES: u32 = 16;

/// Checks that a descriptor belongs to its manifest and that its records make sense.
pub fn check(descriptor: &Descriptor, manifest_id: &str) -> Result<(), Failure> {
    let wrong = |message: String| {
        Failure::new(ErrorKind::BackendFailed, message)
            .hint("`easel backend check PATH` shows every rule that a backend breaks")
    };
    if descriptor.id != manifest_id {
        return Err(wrong(format!(
            "the library calls itself `{}`, its manifest `{manifest_id}`",
            descriptor.id
        )));
    }
    if descriptor.models.is_empty() || descriptor.models.len() > MAX_MODELS {
        return Err(wrong(format!(
            "it offers {} models, 1 to {MAX_MODELS} are possible",
            descriptor.models.len()
        )));
    }
    if !(1..=MAX_INSTANCES).contains(&descriptor.max_instances) {
        return Err(wrong(format!(
            "`max_instances` is {}, it must be 1 to {MAX_INSTANCES}",
            descriptor.max_instances
        )));
    }
    let mut ids = HashSet::new();
    for model in &descriptor.models {
        if !ids.insert(&model.id) {
            return Err(wrong(format!("it offers the model `{}` twice", model.id)));
        }
        check_model(model).map_err(|what| wrong(format!("model `{}`: {what}", model.id)))?;
    }
    Ok(())
}

fn check_model(model: &ModelRecord) -> Result<(), String> {
    let plain = |text: &str| {
        !text.is_empty()
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(letter))
    };
    let size = &model.size;
    if !plain(&model.id) {
        Err("an id has letters, digits, `.`, `-` and `_`".to_owned())
    } else if model.intents.is_empty() {
        Err("it serves no intent".to_owned())
    } else if model.formats.is_empty() {
        Err("it takes no pixel format".to_owned())
    } else if model.references.0 > model.references.1 || model.references.1 > 64 {
        Err(format!("references {} to {} make no sense", model.references.0, model.references.1))
    } else if !(1..=64).contains(&model.max_count) {
        Err(format!("`max_count` is {}, it must be 1 to 64", model.max_count))
    } else if size.multiple_of == 0 || size.min_side > size.max_side || size.max_pixels == 0 {
        Err("its size rules exclude every picture".to_owned())
    } else if model.scales.iter().any(|scale| !(1..=16).contains(scale)) {
        Err("scales are 1 to 16".to_owned())
    } else if !(1..=86_400).contains(&model.timeout_seconds) {
        Err("`timeout_seconds` must be 1 to 86400".to_owned())
    } else {
        Ok(())
    }
}
