//! The table of the C interface for any [`Backend`]: null checks, size checks, panics caught, results
//! turned into a status and a text. Nothing else in this crate is called from C.

#![expect(unsafe_code, reason = "is called across the C interface")]

use std::any::{Any, TypeId};
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use easel_backend_abi::{
    EASEL_ABI_MAJOR, EASEL_ABI_MINOR, EASEL_ERR_INVALID, EASEL_OK, EaselBackend, EaselHost,
    EaselInstance, EaselRequest, EaselStatus, read,
};

use crate::Backend;
use crate::error::{Error, Result};
use crate::host::{Config, Host, Report, Services, c_text, text};
use crate::job::Job;

/// The entry of `B`: its table, whatever the host's version, for the host decides. The function that
/// [`export_backend!`](crate::export_backend) exports; by this name it can be linked into a program
/// without the symbol.
pub extern "C" fn entry<B: Backend>(_host_major: u32, _host_minor: u32) -> *const EaselBackend {
    const {
        &EaselBackend {
            size: size_of::<EaselBackend>() as u32,
            abi_major: EASEL_ABI_MAJOR,
            abi_minor: EASEL_ABI_MINOR,
            describe: Some(describe::<B>),
            open: Some(open::<B>),
            run: Some(run::<B>),
            close: Some(close::<B>),
            extension: None,
        }
    }
}

/// The descriptors that were asked for: they live until the process ends, so they are made once a
/// type. A static inside a generic function would be shared by all types.
static DESCRIBED: Mutex<Vec<(TypeId, &'static CStr)>> = Mutex::new(Vec::new());

extern "C" fn describe<B: Backend>() -> *const c_char {
    let mut described = DESCRIBED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = described.iter().find(|(id, _)| *id == TypeId::of::<B>());
    if let Some((_, text)) = known {
        return text.as_ptr();
    }
    let json = guarded(|| serde_json::to_string(&B::describe()).map_err(Error::failed));
    // What is no JSON the host shows to the author, so the reason is the best answer.
    let json = json.unwrap_or_else(|error| error.message().to_owned());
    let text: &'static CStr = Box::leak(c_text(&json).into_boxed_c_str());
    described.push((TypeId::of::<B>(), text));
    text.as_ptr()
}

unsafe extern "C" fn open<B: Backend>(
    host: *const EaselHost,
    config: *const c_char,
    instance: *mut *mut EaselInstance,
) -> EaselStatus {
    // SAFETY: the host calls by the promises of the header, here and below.
    let Some(services) = (unsafe { Services::new(host) }) else { return EASEL_ERR_INVALID };
    finish(&services, || {
        if instance.is_null() {
            return Err(Error::invalid("the host left no place for the instance"));
        }
        // SAFETY: as above.
        let config = unsafe { text(config, "configuration") }?;
        let config = serde_json::from_str(config).map_err(|error| {
            Error::invalid(format!("the configuration is not understood: {error}"))
        })?;
        // SAFETY: as above; the table's strings live as long as the table.
        let host = unsafe { Host::new(services) };
        let backend = B::open(&host, Config::new(config)?)?;
        // SAFETY: not null, and the host's to write to.
        unsafe { instance.write(Box::into_raw(Box::new(backend)).cast()) };
        Ok(())
    })
}

unsafe extern "C" fn run<B: Backend>(
    instance: *mut EaselInstance,
    host: *const EaselHost,
    request: *const EaselRequest,
) -> EaselStatus {
    // SAFETY: the host calls by the promises of the header, here and below.
    let Some(services) = (unsafe { Services::new(host) }) else { return EASEL_ERR_INVALID };
    finish(&services, || {
        // SAFETY: as above.
        let request = unsafe { read(request) }
            .ok_or_else(|| Error::invalid("the host gave no request, or one of no known size"))?;
        // SAFETY: null, or what `open` made of this very type; one call at a time.
        let backend = unsafe { instance.cast::<B>().as_mut() }
            .ok_or_else(|| Error::invalid("the host gave no instance"))?;
        // SAFETY: as above, until this function returns.
        let mut job = unsafe { Job::new(services, &request) }?;
        backend.run(&mut job)
    })
}

unsafe extern "C" fn close<B: Backend>(instance: *mut EaselInstance) {
    if !instance.is_null() {
        // SAFETY: what `open` made of this very type, given back once.
        let backend = unsafe { Box::from_raw(instance.cast::<B>()) };
        // There is nobody to tell: the panic's own text is on the error stream.
        let _ = guarded(|| {
            drop(backend);
            Ok(())
        });
    }
}

fn finish(services: &Services<'_>, work: impl FnOnce() -> Result<()>) -> EaselStatus {
    match guarded(work) {
        Ok(()) => EASEL_OK,
        Err(error) => {
            if !error.is_told() {
                services.set_error(error.message());
                if let Some(failure) = error.failure() {
                    services.report(Report::Failure, failure);
                }
            }
            error.kind().status()
        }
    }
}

fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let error = Error::failed(format!("the backend panicked: {}", panic_text(&*panic)));
        // Whatever was thrown might throw again when dropped, and then it is better lost.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            std::mem::forget(again);
        }
        Err(error)
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a text")
}
