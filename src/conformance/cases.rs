//! The list of cases: what `easel backend check` checks, in which order, and which function tries it.

use super::report::Verdict;
use super::subject::Subject;
use super::{endurance, loading, manners, opening, params, pictures, records};

/// One rule and how to try it.
pub(super) struct Case {
    /// Words joined by `-`.
    pub(super) name: &'static str,
    /// One sentence without its full stop.
    pub(super) description: &'static str,
    pub(super) run: fn(&Subject<'_>) -> Verdict,
}

/// Every case, in the order in which they build on each other.
pub(super) const CASES: &[Case] = &[
    Case {
        name: "manifest-readable",
        description: "`backend.toml` has an id, a name, a library, an ABI and permissions, and nothing unknown",
        run: loading::manifest_readable,
    },
    Case {
        name: "exports-one-symbol",
        description: "the library exports `easel_backend_entry` and nothing else",
        run: loading::exports_one_symbol,
    },
    Case {
        name: "loads",
        description: "the library loads with all its symbols bound, and its entry returns",
        run: loading::loads,
    },
    Case {
        name: "table-size-plausible",
        description: "the entry returns a table whose `size` covers every function that must be there",
        run: loading::table_size_plausible,
    },
    Case {
        name: "abi-major-known",
        description: "the table states a major version that this host knows",
        run: loading::abi_major_known,
    },
    Case {
        name: "describe-is-json",
        description: "`describe` returns a descriptor as JSON in UTF-8",
        run: loading::describe_is_json,
    },
    Case {
        name: "manifest-agrees",
        description: "manifest and descriptor say the same of the backend",
        run: loading::manifest_agrees,
    },
    Case {
        name: "describe-is-stable",
        description: "`describe` says the same in every process",
        run: loading::describe_is_stable,
    },
    Case {
        name: "describe-is-quick",
        description: "loading and `describe` take no longer than a second",
        run: loading::describe_is_quick,
    },
    Case {
        name: "records-make-sense",
        description: "every capability record allows pictures, counts and sizes that can exist",
        run: records::make_sense,
    },
    Case {
        name: "open-close-many",
        description: "an instance opens and closes again and again, and the process ends in good order",
        run: opening::open_close_many,
    },
    Case {
        name: "bad-config-is-an-error",
        description: "`open` refuses a setting that it does not understand",
        run: opening::bad_config_is_an_error,
    },
    Case {
        name: "every-model",
        description: "every model makes a picture of an everyday source with everything else left out",
        run: pictures::every_model,
    },
    Case {
        name: "every-format",
        description: "every pixel format of the record is taken, and outputs have one of them",
        run: pictures::every_format,
    },
    Case {
        name: "smallest-size",
        description: "the smallest source that the record allows works, down to 1x1",
        run: pictures::smallest_size,
    },
    Case {
        name: "odd-size",
        description: "sources with prime sides work, upright and lying",
        run: pictures::odd_size,
    },
    Case {
        name: "padded-stride",
        description: "rows with gaps between them give the same picture as rows without",
        run: pictures::padded_stride,
    },
    Case {
        name: "input-untouched",
        description: "source, mask and references are as they were after a run",
        run: pictures::input_untouched,
    },
    Case {
        name: "output-size-sensible",
        description: "outputs have the source's aspect, and the scale that the record declares",
        run: pictures::output_size_sensible,
    },
    Case {
        name: "count-outputs",
        description: "a run makes as many outputs as `count` says, up to `max_count`",
        run: pictures::count_outputs,
    },
    Case {
        name: "with-mask",
        description: "a model with native masks takes one, for every intent",
        run: pictures::with_mask,
    },
    Case {
        name: "missing-mask",
        description: "a model with native masks works without one: everything may change",
        run: pictures::missing_mask,
    },
    Case {
        name: "references-min-to-max",
        description: "the least and the most references of the record work, of any size",
        run: pictures::references_min_to_max,
    },
    Case {
        name: "schema-params",
        description: "random parameters that the record allows are taken",
        run: params::schema_params,
    },
    Case {
        name: "unknown-model-is-an-error",
        description: "a model id that nothing describes is refused",
        run: params::unknown_model_is_an_error,
    },
    Case {
        name: "same-seed-same-pixels",
        description: "what the record calls exact or repeatable gives the same picture again",
        run: params::same_seed_same_pixels,
    },
    Case {
        name: "stops-when-asked",
        description: "a run ends within the grace period once `should_stop` says so, and the next one works",
        run: manners::stops_when_asked,
    },
    Case {
        name: "progress-in-range",
        description: "progress is a fraction in 0 to 1, or unknown",
        run: manners::progress_in_range,
    },
    Case {
        name: "error-has-text",
        description: "a failure leaves a text for people, in UTF-8",
        run: manners::error_has_text,
    },
    Case {
        name: "quiet-on-stdout",
        description: "nothing is printed: words for people go through `log`",
        run: manners::quiet_on_stdout,
    },
    Case {
        name: "memory-settles",
        description: "run after run, the process does not grow without end",
        run: endurance::memory_settles,
    },
    Case {
        name: "survives-many-runs",
        description: "one instance does 50 small runs of changing size",
        run: endurance::survives_many_runs,
    },
    Case {
        name: "resumes-from-checkpoint",
        description: "a run goes on from what an earlier attempt saved, in another process",
        run: endurance::resumes_from_checkpoint,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_have_names_of_their_own_and_one_sentence() {
        for (index, case) in CASES.iter().enumerate() {
            assert!(
                case.name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'),
                "{}",
                case.name
            );
            assert!(CASES[..index].iter().all(|other| other.name != case.name), "{}", case.name);
            assert!(
                !case.description.ends_with('.') && !case.description.contains('\n'),
                "{}",
                case.name
            );
        }
    }
}
