//! The host's services behind safe functions: what every call across the border has in common, and
//! what `open` is given. A service that the host lacks does nothing, or says so where it matters.

#![expect(unsafe_code, reason = "calls the function pointers of the host")]

use std::ffi::{CStr, CString, c_char};
use std::marker::PhantomData;
use std::ptr;

use easel_backend_abi::{
    EASEL_EXT_REPORT, EASEL_LOG_DEBUG, EASEL_LOG_ERROR, EASEL_LOG_INFO, EASEL_LOG_WARN, EaselHost,
    EaselLogLevel, EaselReport, Table, read,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Something went wrong.
    Error,
    /// Something may go wrong.
    Warn,
    /// Something a user may want to know.
    Info,
    /// Something the author wants to know.
    Debug,
}

impl Level {
    fn to_c(self) -> EaselLogLevel {
        match self {
            Level::Error => EASEL_LOG_ERROR,
            Level::Warn => EASEL_LOG_WARN,
            Level::Info => EASEL_LOG_INFO,
            Level::Debug => EASEL_LOG_DEBUG,
        }
    }

    /// The level of a number; an unknown one is the least important.
    pub(crate) fn from_c(level: EaselLogLevel) -> Self {
        match level {
            EASEL_LOG_ERROR => Level::Error,
            EASEL_LOG_WARN => Level::Warn,
            EASEL_LOG_INFO => Level::Info,
            _ => Level::Debug,
        }
    }
}

/// What the user or the host configured for this backend: a JSON object, perhaps empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Config(Value);

impl Config {
    pub(crate) fn new(value: Value) -> Result<Self> {
        if value.is_object() {
            Ok(Config(value))
        } else {
            Err(Error::invalid("the configuration is no JSON object"))
        }
    }

    /// One value by its name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// For a backend without settings: refuses any, with [`ErrorKind::Invalid`](crate::ErrorKind) and
    /// a text that names it, since a setting that does nothing is a mistake.
    pub fn expect_empty(&self) -> Result<()> {
        match self.0.as_object().and_then(|settings| settings.keys().next()) {
            None => Ok(()),
            Some(name) => {
                Err(Error::invalid(format!("there is no setting `{name}`: this backend has none")))
            }
        }
    }

    /// All of it as a type of the author's own; say `#[serde(deny_unknown_fields)]` on it to refuse
    /// what is not understood.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(&self.0)
            .map_err(|error| Error::invalid(format!("in the configuration: {error}")))
    }
}

/// What a report is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Report {
    Failure,
    Fact,
}

/// Text for the other side. A NUL would cut it short, so there is none.
pub(crate) fn c_text(text: &str) -> CString {
    let clean = text.replace('\0', "\u{fffd}");
    CString::new(clean).unwrap_or_default()
}

/// Text from the other side; `what` names it in errors.
///
/// # Safety
///
/// `text` is null or NUL-terminated and unchanged for `'a`.
pub(crate) unsafe fn text<'a>(text: *const c_char, what: &str) -> Result<&'a str> {
    if text.is_null() {
        return Err(Error::invalid(format!("the host gave no {what}")));
    }
    // SAFETY: not null, and the rest is the caller's promise.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| Error::invalid(format!("the {what} is not UTF-8")))
}

/// A copy of the host's table, in which functions that it lacks are `None`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Services<'a> {
    pub(crate) table: EaselHost,
    borrowed: PhantomData<&'a EaselHost>,
}

impl Services<'_> {
    /// # Safety
    ///
    /// `host` is null or a table as `easel_backend.h` promises it, whose functions may be called for
    /// the lifetime of the result.
    pub(crate) unsafe fn new(host: *const EaselHost) -> Option<Self> {
        // SAFETY: the caller's promise.
        let table = unsafe { read(host) }?;
        Some(Services { table, borrowed: PhantomData })
    }

    pub(crate) fn should_stop(&self) -> bool {
        // SAFETY: the host's function with the host's context, during the run.
        self.table.should_stop.is_some_and(|ask| unsafe { ask(self.table.ctx) } != 0)
    }

    pub(crate) fn progress(&self, fraction: f64, message: &str) {
        if let Some(progress) = self.table.progress {
            let text = (!message.is_empty()).then(|| c_text(message));
            let pointer = text.as_ref().map_or(ptr::null(), |text| text.as_ptr());
            // What is no number is unknown.
            let fraction = if fraction.is_nan() { -1.0 } else { fraction.clamp(-1.0, 1.0) };
            // SAFETY: as above; the text lives until after the call.
            unsafe { progress(self.table.ctx, fraction, pointer) };
        }
    }

    pub(crate) fn log(&self, level: Level, message: &str) {
        if let Some(log) = self.table.log {
            // SAFETY: as above.
            unsafe { log(self.table.ctx, level.to_c(), c_text(message).as_ptr()) };
        }
    }

    pub(crate) fn set_error(&self, message: &str) {
        if let Some(set_error) = self.table.set_error {
            // SAFETY: as above.
            unsafe { set_error(self.table.ctx, c_text(message).as_ptr()) };
        }
    }

    /// Tells the host more than a text; a host that takes no reports has the text.
    pub(crate) fn report(&self, what: Report, value: &impl Serialize) {
        // SAFETY: the struct is the one of the id.
        let table = unsafe { self.extension::<EaselReport>(EASEL_EXT_REPORT) };
        let call = table.and_then(|table| match what {
            Report::Failure => table.failure,
            Report::Fact => table.fact,
        });
        if let (Some(call), Ok(json)) = (call, serde_json::to_string(value)) {
            // SAFETY: the host's function with the host's context; the text outlives the call.
            unsafe { call(self.table.ctx, c_text(&json).as_ptr()) };
        }
    }

    /// The struct of an extension; `None` where the host lacks it or does not permit it.
    ///
    /// # Safety
    ///
    /// `T` is the struct that `id` stands for.
    pub(crate) unsafe fn extension<T: Table>(&self, id: &CStr) -> Option<T> {
        let extension = self.table.extension?;
        // SAFETY: the host's function with the host's context; the answer is null or the struct of
        // the id, which the caller says is `T`.
        unsafe { read(extension(self.table.ctx, id.as_ptr()).cast::<T>()) }
    }
}

/// What `open` may ask of its host.
#[derive(Debug)]
pub struct Host<'a> {
    services: Services<'a>,
    name: &'a str,
    version: &'a str,
}

impl<'a> Host<'a> {
    /// # Safety
    ///
    /// The strings of the table are valid for `'a`.
    pub(crate) unsafe fn new(services: Services<'a>) -> Self {
        // SAFETY: the caller's promise; a host without a name is still a host.
        let read = |pointer, what| unsafe { text(pointer, what) }.unwrap_or_default();
        Host {
            services,
            name: read(services.table.name, "name"),
            version: read(services.table.version, "version"),
        }
    }

    /// The host's name; empty where it gave none.
    pub fn name(&self) -> &str {
        self.name
    }

    /// The host's version; empty where it gave none.
    pub fn version(&self) -> &str {
        self.version
    }

    /// A line for the log.
    pub fn log(&self, level: Level, message: &str) {
        self.services.log(level, message);
    }
}
