//! One run in the worker: the pictures mapped, the request filled in as the ABI has it, the
//! backend called, everything taken away again. It keeps nothing from run to run.

#![expect(unsafe_code, reason = "calls the backend through the C ABI")]

use std::ffi::CString;
use std::os::fd::OwnedFd;
use std::ptr;

use easel_backend_abi::{self as abi, EaselBackend, EaselImage, EaselInstance, EaselRequest};

use super::services::{Services, image_of};
use crate::worker::image::Shape;
use crate::worker::shared::{Mapping, page_down};
use crate::worker::words::RunFrame;

/// A picture to read, and its mapping.
struct Input {
    image: Box<EaselImage>,
    _mapping: Mapping,
}

/// Does what `request` asks and tells the host how it went.
pub(super) fn run(
    backend: &EaselBackend,
    instance: *mut EaselInstance,
    services: &'static Services,
    request: RunFrame,
    descriptors: Vec<OwnedFd>,
) {
    let number = request.run;
    services.begin(number, request.http);
    let status = call(backend, instance, services, request, descriptors).unwrap_or_else(|reason| {
        services.set_error(reason);
        abi::EASEL_ERR_FAILED
    });
    services.end(number, status);
}

/// Calls the backend. An error is a reason for which it was not called.
fn call(
    backend: &EaselBackend,
    instance: *mut EaselInstance,
    services: &'static Services,
    request: RunFrame,
    descriptors: Vec<OwnedFd>,
) -> Result<i32, String> {
    let function = backend.run.ok_or("its table has no `run`")?;
    let text = |text: String| CString::new(text).map_err(|_| "a text has a NUL".to_owned());
    let (model, params) = (text(request.model)?, text(request.params)?);
    let mut files = descriptors.into_iter();
    let mut input = |shape: &Shape| -> Result<Input, String> {
        let file = files.next().ok_or("a picture came without its memory")?;
        map(shape, &file).map_err(|reason| format!("cannot map a picture: {reason}"))
    };
    let source = input(&request.source)?;
    let mask = request.mask.as_ref().map(&mut input).transpose()?;
    let references = request.references.iter().map(&mut input).collect::<Result<Vec<_>, _>>()?;
    let reference_pointers: Vec<*const EaselImage> =
        references.iter().map(|input| &raw const *input.image).collect();
    let checkpoint = request.checkpoint.map(|bytes| bytes.0).filter(|bytes| !bytes.is_empty());
    let request = EaselRequest {
        size: size_of::<EaselRequest>() as u32,
        model: model.as_ptr(),
        params: params.as_ptr(),
        source: &raw const *source.image,
        mask: mask.as_ref().map_or(ptr::null(), |mask| &raw const *mask.image),
        references: if reference_pointers.is_empty() {
            ptr::null()
        } else {
            reference_pointers.as_ptr()
        },
        reference_count: reference_pointers.len() as u32,
        checkpoint: checkpoint.as_ref().map_or(ptr::null(), Vec::as_ptr),
        checkpoint_bytes: checkpoint.as_ref().map_or(0, |bytes| bytes.len() as u64),
    };
    // SAFETY: the table's function, on the instance that its `open` made; the host table lives as
    // long as the process, and everything the request points to until the end of this function.
    Ok(unsafe { function(instance, services.table(), &raw const request) })
}

fn map(shape: &Shape, file: &OwnedFd) -> Result<Input, String> {
    let (_, end) = shape.check().map_err(|error| error.to_string())?;
    let start = page_down(shape.offset as usize);
    let mapping =
        Mapping::read_only(file, start, end - start, true).map_err(|error| error.to_string())?;
    let first = mapping.as_ptr().wrapping_add(shape.offset as usize - start);
    Ok(Input { image: Box::new(image_of(shape, first)?), _mapping: mapping })
}
