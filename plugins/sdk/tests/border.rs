//! The C side of the border, used as a careless or a different host might use it: missing pointers,
//! shorter and longer tables, broken requests, panics. Nothing crashes; everything is answered.

#![expect(unsafe_code, reason = "plays the part of a C host")]

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use easel_backend::abi::{
    EASEL_ERR_FAILED, EASEL_ERR_INVALID, EASEL_ERR_UNSUPPORTED, EASEL_GRAY8, EASEL_OK,
    EaselBackend, EaselHost, EaselImage, EaselInstance, EaselRequest, EaselStatus,
};
use easel_backend::{Backend, Config, Descriptor, Host, Job, PixelFormat, Result};

/// Panics where its configuration or its prompt says so; else gives one grey pixel.
struct Fragile {
    panics_in_drop: bool,
}

static DROP_WAS_REACHED: AtomicBool = AtomicBool::new(false);

impl Drop for Fragile {
    fn drop(&mut self) {
        if self.panics_in_drop {
            DROP_WAS_REACHED.store(true, Ordering::SeqCst);
            panic!("in drop");
        }
    }
}

impl Backend for Fragile {
    fn describe() -> Descriptor {
        panic!("in describe");
    }

    fn open(_host: &Host<'_>, config: Config) -> Result<Self> {
        assert!(config.get("panic").is_none(), "in open");
        Ok(Fragile { panics_in_drop: config.get("panic in drop").is_some() })
    }

    fn run(&mut self, job: &mut Job<'_>) -> Result<()> {
        if let Some(prompt) = &job.params().prompt {
            std::panic::panic_any(prompt.clone());
        }
        job.progress(0.5, "half");
        job.output(1, 1, PixelFormat::Gray8)?.row_mut(0)[0] = 7;
        Ok(())
    }
}

fn table() -> &'static EaselBackend {
    // SAFETY: the entry gives a table that lives as long as the process.
    unsafe { &*easel_backend::entry::<Fragile>(1, 0) }
}

/// A C host with room for one text and one picture of 1x1.
struct CHost {
    text: CString,
    pixels: Box<Aligned>,
    output: EaselImage,
}

#[repr(align(64))]
struct Aligned([u8; 64]);

unsafe extern "C" fn set_error(ctx: *mut c_void, message: *const c_char) {
    // SAFETY: the context is the `CHost` of the test, and the message is a string.
    unsafe { CStr::from_ptr(message).clone_into(&mut (*ctx.cast::<CHost>()).text) };
}

unsafe extern "C" fn new_output(
    ctx: *mut c_void,
    width: u32,
    height: u32,
    format: u32,
) -> *mut EaselImage {
    assert_eq!((width, height, format), (1, 1, EASEL_GRAY8));
    // SAFETY: the context is the `CHost` of the test.
    unsafe { &raw mut (*ctx.cast::<CHost>()).output }
}

impl CHost {
    fn new() -> Self {
        let mut pixels = Box::new(Aligned([0; 64]));
        let output = image(&mut pixels);
        CHost { text: CString::default(), pixels, output }
    }

    fn table(&mut self) -> EaselHost {
        EaselHost {
            size: size_of::<EaselHost>() as u32,
            ctx: ptr::from_mut(self).cast(),
            name: c"test".as_ptr(),
            version: c"1".as_ptr(),
            should_stop: None,
            progress: None,
            log: None,
            set_error: Some(set_error),
            new_output: Some(new_output),
            extension: None,
        }
    }
}

fn image(pixels: &mut Aligned) -> EaselImage {
    EaselImage {
        size: size_of::<EaselImage>() as u32,
        format: EASEL_GRAY8,
        width: 1,
        height: 1,
        stride: 1,
        pixels: pixels.0.as_mut_ptr().cast(),
        icc: ptr::null(),
        icc_bytes: 0,
    }
}

fn request(source: &EaselImage) -> EaselRequest {
    EaselRequest {
        size: size_of::<EaselRequest>() as u32,
        model: c"fragile".as_ptr(),
        params: c"{\"intent\": \"edit\"}".as_ptr(),
        source,
        mask: ptr::null(),
        references: ptr::null(),
        reference_count: 0,
        checkpoint: ptr::null(),
        checkpoint_bytes: 0,
    }
}

fn open(config: *const c_char) -> (EaselStatus, *mut EaselInstance, String) {
    let mut host = CHost::new();
    let services = host.table();
    let mut instance = ptr::null_mut();
    // SAFETY: the call keeps the header's promises, but for what the test is about.
    let status = unsafe {
        table().open.expect("a function")(&raw const services, config, &raw mut instance)
    };
    (status, instance, host.text.to_string_lossy().into_owned())
}

/// Opens, lets `change` break the request or the host's table, runs, closes.
fn run(
    change: impl Fn(&mut EaselHost, &mut EaselRequest, &mut EaselImage),
) -> (EaselStatus, String, u8) {
    let (status, instance, _) = open(c"{}".as_ptr());
    assert_eq!(status, EASEL_OK);
    let mut host = CHost::new();
    let mut services = host.table();
    let mut pixels = Aligned([0; 64]);
    let mut source = image(&mut pixels);
    let mut ask = request(&source);
    change(&mut services, &mut ask, &mut source);
    if !ask.source.is_null() {
        ask.source = &raw const source;
    }
    // SAFETY: the call keeps the header's promises, but for what the test is about.
    let status =
        unsafe { table().run.expect("a function")(instance, &raw const services, &raw const ask) };
    // SAFETY: opened above, closed once.
    unsafe { table().close.expect("a function")(instance) };
    (status, host.text.to_string_lossy().into_owned(), host.pixels.0[0])
}

#[test]
fn a_host_without_most_services_is_served() {
    assert_eq!(run(|_, _, _| {}), (EASEL_OK, String::new(), 7));
}

#[test]
fn the_table_comes_back_whatever_the_version() {
    for (major, minor) in [(0, 0), (1, 0), (1, 9), (2, 0), (u32::MAX, u32::MAX)] {
        let table = easel_backend::entry::<Fragile>(major, minor);
        // SAFETY: the entry gives a table that lives as long as the process.
        let (size, version) = unsafe { ((*table).size, ((*table).abi_major, (*table).abi_minor)) };
        assert_eq!((size as usize, version), (size_of::<EaselBackend>(), (1, 1)));
    }
}

#[test]
fn a_shorter_table_of_the_host_lacks_what_it_does_not_cover() {
    let before_new_output = std::mem::offset_of!(EaselHost, new_output) as u32;
    let (status, text, pixel) = run(|host, _, _| host.size = before_new_output);
    assert_eq!((status, pixel), (EASEL_ERR_UNSUPPORTED, 0));
    assert_eq!(text, "the host takes no outputs");
    let (status, text, _) = run(|host, _, _| host.size = 16);
    assert_eq!((status, text.as_str()), (EASEL_ERR_UNSUPPORTED, ""), "nobody to tell");
    for size in [0, 1, 7, before_new_output + 4] {
        assert_eq!(run(|host, _, _| host.size = size).0, EASEL_ERR_INVALID, "{size}");
    }
}

#[test]
fn a_longer_table_of_a_newer_host_works() {
    #[repr(C)]
    struct Newer {
        known: EaselHost,
        added: [usize; 8],
    }
    let (status, instance, _) = open(c"{}".as_ptr());
    assert_eq!(status, EASEL_OK);
    let mut host = CHost::new();
    let mut newer = Newer { known: host.table(), added: [usize::MAX; 8] };
    newer.known.size = size_of::<Newer>() as u32;
    assert_eq!(newer.added.len(), 8);
    let mut pixels = Aligned([0; 64]);
    let source = image(&mut pixels);
    let ask = request(&source);
    // SAFETY: the call keeps the header's promises.
    unsafe {
        let host = (&raw const newer).cast::<EaselHost>();
        assert_eq!(table().run.expect("a function")(instance, host, &raw const ask), EASEL_OK);
        table().close.expect("a function")(instance);
    }
    assert_eq!(host.pixels.0[0], 7);
}

#[test]
fn null_pointers_are_answered() {
    let mut host = CHost::new();
    let services = host.table();
    let mut pixels = Aligned([0; 64]);
    let source = image(&mut pixels);
    let ask = request(&source);
    let (open, run, close) = (
        table().open.expect("a function"),
        table().run.expect("a function"),
        table().close.expect("a function"),
    );
    let mut instance = ptr::null_mut();
    // SAFETY: none of the null pointers may be followed, and none is.
    unsafe {
        assert_eq!(open(ptr::null(), c"{}".as_ptr(), &raw mut instance), EASEL_ERR_INVALID);
        assert_eq!(open(&raw const services, ptr::null(), &raw mut instance), EASEL_ERR_INVALID);
        assert_eq!(open(&raw const services, c"{}".as_ptr(), ptr::null_mut()), EASEL_ERR_INVALID);
        assert!(instance.is_null());
        assert_eq!(run(ptr::null_mut(), &raw const services, &raw const ask), EASEL_ERR_INVALID);
        close(ptr::null_mut());
    }
    let (status, instance, _) = self::open(c"{}".as_ptr());
    assert_eq!(status, EASEL_OK);
    // SAFETY: as above.
    unsafe {
        assert_eq!(run(instance, ptr::null(), &raw const ask), EASEL_ERR_INVALID);
        assert_eq!(run(instance, &raw const services, ptr::null()), EASEL_ERR_INVALID);
        close(instance);
    }
    drop(host);
}

#[test]
fn a_broken_request_is_invalid_and_says_why() {
    type Change = fn(&mut EaselHost, &mut EaselRequest, &mut EaselImage);
    let cases: [(&str, Change); 14] = [
        ("no source", |_, ask, _| ask.source = ptr::null()),
        ("no model", |_, ask, _| ask.model = ptr::null()),
        ("no params", |_, ask, _| ask.params = ptr::null()),
        ("params are not understood", |_, ask, _| ask.params = c"{".as_ptr()),
        ("params are not understood", |_, ask, _| {
            ask.params = c"{\"intent\": \"juggle\"}".as_ptr();
        }),
        ("params is not UTF-8", |_, ask, _| ask.params = c"{\"intent\": \"\xff\"}".as_ptr()),
        ("of no known size", |_, ask, _| ask.size = 3),
        ("of no known size", |_, _, source| source.size = 0),
        ("unknown pixel format 77", |_, _, source| source.format = 77),
        ("no pixels", |_, _, source| source.width = 0),
        ("missing or not aligned", |_, _, source| source.pixels = ptr::null_mut()),
        ("missing or not aligned", |_, _, source| {
            source.pixels = source.pixels.wrapping_byte_add(1);
        }),
        ("whole pixels of their own", |_, _, source| source.stride = 0),
        ("too many bytes", |_, _, source| {
            (source.height, source.stride) = (u32::MAX, u64::MAX / 2);
        }),
    ];
    for (expected, change) in cases {
        let (status, text, pixel) = run(change);
        assert_eq!((status, pixel), (EASEL_ERR_INVALID, 0), "{expected}: {text}");
        assert!(text.contains(expected), "`{text}` lacks `{expected}`");
    }
}

#[test]
fn a_configuration_that_is_no_object_is_invalid() {
    for config in [c"", c"{", c"[]", c"1", c"\"\xfe\""] {
        let (status, instance, text) = open(config.as_ptr());
        assert_eq!(status, EASEL_ERR_INVALID, "{config:?}");
        assert!(instance.is_null() && text.contains("configuration"), "{text}");
    }
}

#[test]
fn panics_become_failures_with_their_text() {
    let (status, instance, text) = open(c"{\"panic\": 1}".as_ptr());
    assert_eq!((status, text.as_str()), (EASEL_ERR_FAILED, "the backend panicked: in open"));
    assert!(instance.is_null());
    let prompt = c"{\"intent\": \"edit\", \"prompt\": \"boom\"}";
    let (status, text, _) = run(|_, ask, _| ask.params = prompt.as_ptr());
    assert_eq!((status, text.as_str()), (EASEL_ERR_FAILED, "the backend panicked: boom"));
}

#[test]
fn an_instance_is_used_again_after_a_panic() {
    let (_, instance, _) = open(c"{}".as_ptr());
    let mut host = CHost::new();
    let services = host.table();
    let mut pixels = Aligned([0; 64]);
    let source = image(&mut pixels);
    let good = request(&source);
    let bad = EaselRequest { params: c"{\"intent\": \"edit\", \"prompt\": \"\"}".as_ptr(), ..good };
    // SAFETY: the calls keep the header's promises.
    unsafe {
        let run = table().run.expect("a function");
        assert_eq!(run(instance, &raw const services, &raw const bad), EASEL_ERR_FAILED);
        assert_eq!(run(instance, &raw const services, &raw const good), EASEL_OK);
        table().close.expect("a function")(instance);
    }
    assert_eq!(host.pixels.0[0], 7);
}

#[test]
fn a_panic_in_drop_stays_inside() {
    let (status, instance, _) = open(c"{\"panic in drop\": 1}".as_ptr());
    assert_eq!(status, EASEL_OK);
    // SAFETY: opened above, closed once.
    unsafe { table().close.expect("a function")(instance) };
    assert!(DROP_WAS_REACHED.load(Ordering::SeqCst));
}

#[test]
fn a_panic_in_describe_is_what_the_host_reads() {
    for _ in 0..2 {
        // SAFETY: the function takes nothing, and its text lives until the process ends.
        let text = unsafe { CStr::from_ptr(table().describe.unwrap()()) };
        assert_eq!(text, c"the backend panicked: in describe");
    }
}
