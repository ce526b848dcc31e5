//! Everything that a job offers to an author, seen from both sides by way of the host for tests.

use std::cell::Cell;

use easel_backend::testing::{Answer, Ask, Opened, Picture, describe, open};
use easel_backend::{
    Backend, Config, Descriptor, Error, ErrorKind, Host, HttpRequest, Image, Intent, Job, Level,
    ModelRecord, PixelFormat, Result,
};
use serde_json::json;

thread_local! {
    static DROPPED: Cell<u32> = const { Cell::new(0) };
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    #[serde(default)]
    greeting: String,
}

/// Does what the parameter `do` says.
struct Probe {
    runs: u32,
    greeting: String,
}

impl Drop for Probe {
    fn drop(&mut self) {
        DROPPED.set(DROPPED.get() + 1);
    }
}

impl Backend for Probe {
    fn describe() -> Descriptor {
        Descriptor {
            id: "probe".to_owned(),
            name: "Probe \"with quotes\" and \u{0} and ü".to_owned(),
            version: "1.2.3".to_owned(),
            max_instances: 2,
            models: vec![ModelRecord::new("probe", "Probe", &Intent::ALL)],
        }
    }

    fn open(host: &Host<'_>, config: Config) -> Result<Self> {
        host.log(Level::Info, "opened");
        assert!(!host.name().is_empty() && !host.version().is_empty());
        Ok(Probe { runs: 0, greeting: config.parse::<Known>()?.greeting })
    }

    fn run(&mut self, job: &mut Job<'_>) -> Result<()> {
        self.runs += 1;
        let task = job.params().params.get("do").and_then(|value| value.as_str()).unwrap_or("copy");
        match task {
            "copy" => copy(job),
            "signals" => signals(job, &self.greeting),
            "threads" => threads(job),
            "resume" => resume(job),
            "save-too-much" => job.save_checkpoint(&vec![0; 65_537]),
            "inputs" => inputs(job),
            "http" => http(job),
            "huge" => job.output(30_000, 30_000, PixelFormat::Rgbaf32).map(drop),
            "editors-format" => job.output(1, 1, PixelFormat::Bgra8).map(drop),
            "nothing" => Ok(()),
            "spill" => {
                let mut output = job.output(3, 2, PixelFormat::Rgba8)?;
                output.data_mut()[12] = 0;
                Ok(())
            }
            "count" => {
                let runs = self.runs as u8;
                job.output(1, 1, PixelFormat::Gray8)?.row_mut(0)[0] = runs;
                job.output(1, 1, PixelFormat::Gray8)?.row_mut(0)[0] = runs + 1;
                Ok(())
            }
            kind => Err(match kind {
                "invalid" => Error::invalid("i"),
                "unsupported" => Error::unsupported("u"),
                "transient" => Error::transient("t"),
                "denied" => Error::denied("d"),
                "refused" => Error::refused("r"),
                _ => Error::failed("f with a \u{0} inside"),
            }),
        }
    }
}

fn copy(job: &Job<'_>) -> Result<()> {
    let source = job.source();
    let mut output = job.output(source.width(), source.height(), source.format())?;
    for (from, to) in source.rows().zip(output.rows_mut()) {
        job.keep_going()?;
        to.copy_from_slice(from);
    }
    Ok(())
}

fn signals(job: &Job<'_>, greeting: &str) -> Result<()> {
    job.progress(-1.0, "");
    job.progress(0.5, "half");
    job.progress(f64::NAN, "lost");
    job.progress(7.0, "too far");
    job.log(Level::Error, greeting);
    job.log(Level::Debug, job.model());
    job.preview(&Image::new(PixelFormat::Gray8, 2, 2, 3, &[1, 2, 0, 3, 4])?);
    let output = job.output(1, 1, PixelFormat::Rgba16)?;
    job.preview(&output.as_image());
    Ok(())
}

fn threads(job: &Job<'_>) -> Result<()> {
    let (source, handle) = (job.source(), job.handle());
    let mut output = job.output(source.width(), source.height(), source.format())?;
    std::thread::scope(|scope| {
        let workers: Vec<_> = output
            .rows_mut()
            .enumerate()
            .map(|(y, row)| {
                scope.spawn(move || {
                    row.copy_from_slice(source.row(y as u32));
                    handle.progress(0.0, "row");
                    handle.log(Level::Warn, "row");
                    handle.keep_going()
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("no panic"))
    })
}

fn resume(job: &Job<'_>) -> Result<()> {
    let found = job.checkpoint().map(<[u8]>::to_vec);
    job.save_checkpoint(b"task 1")?;
    job.save_checkpoint(b"task 2")?;
    let mut output = job.output(1, 1, PixelFormat::Gray8)?;
    output.row_mut(0)[0] = if found.as_deref() == Some(b"task 2") { 255 } else { 1 };
    Ok(())
}

fn inputs(job: &Job<'_>) -> Result<()> {
    let mask = job.mask().ok_or_else(|| Error::invalid("no mask"))?;
    assert_eq!((mask.width(), mask.height(), mask.format()), (3, 2, PixelFormat::Gray8));
    assert_eq!(job.source().icc(), Some(&b"profile"[..]));
    assert_eq!(mask.icc(), None);
    assert!(job.source().stride() > 12 && job.source().data().len() == job.source().stride() + 12);
    for (index, reference) in job.references().iter().enumerate() {
        let value = 10 * (index as u8 + 1);
        assert!(reference.rows().all(|row| row.iter().all(|byte| *byte == value)), "{reference:?}");
    }
    let count = job.references().len() as u8;
    job.output(1, 1, PixelFormat::Gray8)?.row_mut(0)[0] = count;
    Ok(())
}

fn http(job: &Job<'_>) -> Result<()> {
    let http = job.http()?;
    let file = http.encode(&job.source(), "image/png")?;
    let answer = http.send(&HttpRequest {
        headers: vec![("content-type", "image/png".to_owned())],
        secret: Some("key"),
        body: file,
        ..HttpRequest::new("POST", "https://api.example.org/change")
    })?;
    assert_eq!(answer.headers.len(), 0);
    match answer.status {
        200 => http.decode_output(answer.body).map(drop),
        status => Err(Error::transient(format!("status {status}"))),
    }
}

fn probe() -> Opened<Probe> {
    open(&json!({ "greeting": "hello" })).expect("it opens")
}

fn picture() -> Picture {
    let bytes: Vec<u8> = (0..24).collect();
    Picture::from_packed(PixelFormat::Rgba8, 3, 2, &bytes)
}

fn ask(what: &str) -> Ask {
    Ask::new("probe", Intent::Edit, picture()).param("do", what)
}

#[test]
fn the_descriptor_survives_the_border() {
    assert_eq!(describe::<Probe>().unwrap(), Probe::describe());
}

#[test]
fn pictures_of_every_format_and_of_odd_sizes_are_copied_bit_by_bit() {
    let mut backend = probe();
    let formats =
        [PixelFormat::Gray8, PixelFormat::Rgba8, PixelFormat::Rgba16, PixelFormat::Rgbaf32];
    for (format, pixel) in formats.into_iter().zip([1, 4, 8, 16]) {
        for (width, height) in [(1, 1), (1, 7), (63, 2), (64, 1), (65, 3)] {
            let bytes: Vec<u8> = (0..width * height * pixel).map(|index| index as u8).collect();
            let source = Picture::from_packed(format, width, height, &bytes);
            let outcome = backend.run(&Ask::new("probe", Intent::Edit, source.clone()));
            assert_eq!(outcome.outputs().unwrap(), [source]);
            assert_eq!(outcome.questions, u64::from(height));
        }
    }
}

#[test]
fn an_instance_lives_over_many_runs_and_is_dropped_once() {
    let before = DROPPED.get();
    let mut backend = probe();
    for run in 1..=3 {
        let outcome = backend.run(&ask("count"));
        let values: Vec<_> =
            outcome.outputs().unwrap().iter().map(|output| output.packed()[0]).collect();
        assert_eq!(values, [run, run + 1], "outputs come in the order of their making");
    }
    assert_eq!(DROPPED.get(), before);
    drop(backend);
    assert_eq!(DROPPED.get(), before + 1);
}

#[test]
fn a_configuration_that_is_not_understood_is_refused() {
    for (config, expected) in
        [(json!({ "unknown": 1 }), "unknown field `unknown`"), (json!([]), "no JSON object")]
    {
        let error = open::<Probe>(&config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.message().contains(expected), "{error}");
    }
}

#[test]
fn signals_reach_the_host() {
    let outcome = probe().run(&ask("signals"));
    let progress: Vec<_> =
        outcome.progress.iter().map(|(fraction, message)| (*fraction, message.as_str())).collect();
    assert_eq!(progress, [(-1.0, ""), (0.5, "half"), (-1.0, "lost"), (1.0, "too far")]);
    let logs: Vec<_> = outcome.logs.iter().map(|(level, text)| (*level, text.as_str())).collect();
    assert_eq!(logs, [(Level::Error, "hello"), (Level::Debug, "probe")]);
    let preview = Picture::from_packed(PixelFormat::Gray8, 2, 2, &[1, 2, 3, 4]);
    assert_eq!(outcome.previews, [preview, Picture::filled(PixelFormat::Rgba16, 1, 1, &[0; 8])]);
    assert_eq!(outcome.outputs().unwrap().len(), 1);
}

#[test]
fn a_cancelled_job_ends_as_cancelled() {
    let outcome = probe().run(&ask("copy").stop_after(1));
    assert_eq!(outcome.error().map(Error::kind), Some(ErrorKind::Cancelled));
    assert_eq!(outcome.questions, 2);
}

#[test]
fn scoped_threads_may_share_the_rows_and_the_signals() {
    let outcome = probe().run(&ask("threads"));
    assert_eq!(outcome.outputs().unwrap(), [picture()]);
    assert_eq!((outcome.progress.len(), outcome.logs.len()), (2, 2));
    let stopped = probe().run(&ask("threads").stop_after(0));
    assert_eq!(stopped.error().map(Error::kind), Some(ErrorKind::Cancelled));
}

#[test]
fn checkpoints_are_saved_and_found_again_and_have_a_limit() {
    let first = probe().run(&ask("resume"));
    assert_eq!(first.checkpoints, [b"task 1", b"task 2"]);
    assert_eq!(first.outputs().unwrap()[0].packed(), [1]);
    let second = probe().run(&ask("resume").checkpoint(*b"task 2"));
    assert_eq!(second.outputs().unwrap()[0].packed(), [255]);
    let large = probe().run(&ask("save-too-much"));
    let error = large.error().unwrap();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(
        error.message().contains("65537 bytes is above"),
        "the host's own text is kept: {error}"
    );
    assert!(large.checkpoints.is_empty());
}

#[test]
fn the_mask_the_references_and_the_profile_arrive() {
    let reference = |value| Picture::filled(PixelFormat::Rgba8, 5, 1, &[value; 4]);
    let mask = Picture::filled(PixelFormat::Gray8, 3, 2, &[255]);
    let source = picture().with_icc(b"profile".to_vec());
    let ask = Ask::new("probe", Intent::Erase, source).param("do", "inputs");
    let ask = ask.mask(mask).reference(reference(10)).reference(reference(20));
    let outcome = probe().run(&ask);
    assert_eq!(outcome.outputs().unwrap()[0].packed(), [2]);
}

#[test]
fn a_mask_of_another_size_or_format_is_refused() {
    for mask in [
        Picture::filled(PixelFormat::Gray8, 2, 2, &[255]),
        Picture::filled(PixelFormat::Rgba8, 3, 2, &[255; 4]),
    ] {
        let outcome = probe().run(&ask("copy").mask(mask));
        assert_eq!(outcome.error().map(Error::kind), Some(ErrorKind::Invalid));
    }
}

#[test]
fn every_kind_of_failure_arrives_with_its_text() {
    let expected = [
        ("invalid", ErrorKind::Invalid, "i"),
        ("unsupported", ErrorKind::Unsupported, "u"),
        ("transient", ErrorKind::Transient, "t"),
        ("denied", ErrorKind::Denied, "d"),
        ("refused", ErrorKind::Refused, "r"),
        ("other", ErrorKind::Failed, "f with a \u{fffd} inside"),
    ];
    let mut backend = probe();
    for (what, kind, text) in expected {
        let outcome = backend.run(&ask(what));
        assert_eq!(outcome.error(), Some(&Error::new(kind, text)));
    }
}

#[test]
fn outputs_that_cannot_be_had_are_errors() {
    let mut backend = probe();
    let huge = backend.run(&ask("huge"));
    assert!(huge.error().unwrap().message().contains("above the limit"), "{huge:?}");
    assert_eq!(backend.run(&ask("editors-format")).error().unwrap().kind(), ErrorKind::Invalid);
    assert!(backend.run(&ask("nothing")).error().unwrap().message().contains("without any output"));
    assert!(backend.run(&ask("spill")).error().unwrap().message().contains("between the rows"));
}

#[test]
fn a_provider_is_asked_through_the_host_and_its_picture_becomes_an_output() {
    let made = Picture::filled(PixelFormat::Rgba8, 2, 5, &[9, 8, 7, 6]);
    let answer = made.clone();
    let outcome = probe().run(&ask("http").provider(move |sent| {
        assert_eq!((sent.method.as_str(), sent.secret.as_str()), ("POST", "key"));
        assert_eq!(sent.url, "https://api.example.org/change");
        assert_eq!(sent.headers["content-type"], "image/png");
        assert!(sent.body.ends_with(&[20, 21, 22, 23]));
        Ok(Answer::picture(200, &answer))
    }));
    assert_eq!(outcome.outputs().unwrap(), [made]);
}

#[test]
fn a_provider_that_is_busy_unreachable_or_not_permitted() {
    let busy = probe().run(
        &ask("http")
            .provider(|_| Ok(Answer { headers: [].into(), ..Answer::json(429, &json!({})) })),
    );
    assert_eq!(busy.error(), Some(&Error::transient("status 429")));
    let away = probe().run(&ask("http").provider(|_| Err(Error::transient("no route"))));
    assert_eq!(away.error(), Some(&Error::transient("no route")));
    let torn = probe().run(
        &ask("http")
            .provider(|_| Ok(Answer { status: 200, headers: [].into(), body: b"[".to_vec() })),
    );
    assert_eq!(torn.error().unwrap().kind(), ErrorKind::Failed);
    let denied = probe().run(&ask("http"));
    let expected = Error::denied("the host connects to nothing here: there is no `easel.http/1`");
    assert_eq!(denied.error(), Some(&expected));
}

#[test]
fn pictures_of_ones_own_are_checked() {
    let bytes = [0; 24];
    let image =
        |width, height, stride| Image::new(PixelFormat::Rgba8, width, height, stride, &bytes);
    assert_eq!(image(2, 2, 16).unwrap().data().len(), 24, "the last row may end with its pixels");
    assert_eq!(image(1, 1, 1 << 40).unwrap().rows().len(), 1);
    for (width, height, stride) in [
        (0, 1, 8),
        (1, 0, 8),
        (2, 2, 4),
        (2, 2, 10),
        (2, 3, 12),
        (u32::MAX, u32::MAX, usize::MAX - 3),
        (1, u32::MAX, usize::MAX / 4 * 4),
    ] {
        assert!(image(width, height, stride).is_err(), "{width}x{height} {stride}");
    }
    assert!(Image::new(PixelFormat::Bgra8, 1, 1, 4, &bytes).is_err());
}
