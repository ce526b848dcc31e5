//! Backends that keep the rules: pixels, masks, references, logs, progress, previews, checkpoints,
//! errors and versions arrive as they were sent.

use std::io::Write;
use std::time::Duration;

use easel::worker::{Cancel, LogLevel, RunError, SharedImage, Worker, WorkerError};
use easel_protocol::picture::PixelFormat;

use super::fixture::{Fixture, Memory, assert_works, inverted, picture, run_once, with};

#[test]
fn pictures_of_any_size_and_format_come_back_bit_for_bit() {
    let good = Fixture::new("good");
    let mut worker = good.worker();
    assert_eq!(worker.descriptor().id, "good");
    // Twice over, so that fresh memory and memory used before are both seen, in growing and in
    // shrinking sizes.
    let sizes = [(1, 1), (3, 5), (64, 64), (1, 4099), (4099, 1), (333, 777), (7, 2)];
    for (width, height) in sizes.into_iter().chain(sizes) {
        for format in [PixelFormat::Rgba8, PixelFormat::Gray8, PixelFormat::Rgba16] {
            let run = good.run(picture(format, width, height));
            let outputs = worker.run(&run, &mut (), &Cancel::new()).unwrap();
            assert_eq!(outputs.len(), 1);
            let output = &outputs[0];
            assert_eq!((output.format(), output.width(), output.height()), (format, width, height));
            assert!(output.is_tight());
            assert_eq!(output.bytes(), inverted(&run.source), "{format} {width}x{height}");
        }
    }
    worker.end(Duration::from_secs(10));
}

#[test]
fn gaps_between_rows_and_files_are_pictures_too() {
    let good = Fixture::new("good");
    let mut worker = good.worker();
    let mut source = SharedImage::with_stride(PixelFormat::Rgba8, 5, 9, 32).unwrap();
    for (index, byte) in source.bytes_mut().unwrap().iter_mut().enumerate() {
        *byte = index as u8;
    }
    let run = good.run(source);
    let outputs = worker.run(&run, &mut (), &Cancel::new()).unwrap();
    assert_eq!(outputs[0].bytes(), inverted(&run.source));

    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&[0xee; 4096]).unwrap();
    file.write_all(run.source.bytes()).unwrap();
    let opened = std::fs::File::open(file.path()).unwrap();
    let source = SharedImage::from_file(opened, 4096, PixelFormat::Rgba8, 5, 9, 32).unwrap();
    let outputs = worker.run(&good.run(source), &mut (), &Cancel::new()).unwrap();
    assert_eq!(outputs[0].bytes(), inverted(&run.source));
}

#[test]
fn a_result_is_the_next_runs_source_also_on_another_backend() {
    let (good, slow) = (Fixture::new("good"), Fixture::new("slow"));
    let (mut first, mut second) = (good.worker(), slow.worker());
    let original = picture(PixelFormat::Rgba8, 40, 30);
    let mut image = original.clone();
    for _ in 0..3 {
        let there = first.run(&good.run(image), &mut (), &Cancel::new()).unwrap().remove(0);
        assert_eq!(there.bytes(), inverted(&original));
        let run = with(slow.run(there), "milliseconds", 0);
        image = second.run(&run, &mut (), &Cancel::new()).unwrap().remove(0);
        assert_eq!(image.bytes(), original.bytes());
    }
}

#[test]
fn a_run_carries_its_mask_its_references_and_its_log() {
    let good = Fixture::new("good");
    let mut run = good.run(picture(PixelFormat::Rgba8, 8, 4));
    let mut mask = SharedImage::new(PixelFormat::Gray8, 8, 4).unwrap();
    mask.bytes_mut().unwrap()[16..].fill(255);
    run.mask = Some(mask);
    run.references = (1..=3)
        .map(|index| {
            SharedImage::from_bytes(
                PixelFormat::Gray8,
                index,
                1,
                &vec![index as u8; index as usize],
            )
        })
        .collect::<Result<_, _>>()
        .unwrap();
    let mut memory = Memory::default();
    let outputs = good.worker().run(&run, &mut memory, &Cancel::new()).unwrap();
    assert_eq!(outputs[0].row(0), run.source.row(0), "outside the mask");
    assert_eq!(outputs[0].row(1), run.source.row(1));
    assert_eq!(outputs[0].bytes()[64..], inverted(&run.source)[64..]);
    let lines: Vec<_> = memory
        .lines
        .iter()
        .map(|(_, line)| line.split_once(", profile").map_or(line.as_str(), |(start, _)| start))
        .collect();
    assert_eq!(
        lines,
        [
            "model good, source 8x4, format 2, mask yes, references 3",
            "reference 0: 1x1, first byte 1",
            "reference 1: 2x1, first byte 2",
            "reference 2: 3x1, first byte 3",
        ]
    );
    assert!(memory.lines.iter().all(|(level, _)| *level == LogLevel::Info));
    assert_eq!(memory.progress, [(Some(1.0), Some("done".to_owned()))]);
}

#[test]
fn requests_that_no_backend_could_understand_are_refused_before_they_are_sent() {
    let good = Fixture::new("good");
    let mut worker = good.worker();
    let source = || picture(PixelFormat::Rgba8, 4, 4);
    let mut small_mask = good.run(source());
    small_mask.mask = Some(picture(PixelFormat::Gray8, 4, 3));
    let mut coloured_mask = good.run(source());
    coloured_mask.mask = Some(source());
    let mut crowd = good.run(source());
    crowd.references = vec![source(); 127];
    let mut remembered = good.run(source());
    remembered.checkpoint = Some(vec![0; 65_537]);
    let bgra = good.run(picture(PixelFormat::Bgra8, 4, 4));
    for run in [small_mask, coloured_mask, crowd, remembered, bgra] {
        let error = worker.run(&run, &mut (), &Cancel::new()).unwrap_err();
        assert!(matches!(error, RunError::Invalid(_)), "{error}");
    }
    assert_works(&mut worker, &good);
}

#[test]
fn every_status_arrives_with_its_text() {
    let fixture = Fixture::new("error-text");
    let mut worker = fixture.worker();
    for status in -7..=1 {
        let run = with(fixture.run(picture(PixelFormat::Rgba8, 2, 2)), "status", status);
        let result = worker.run(&run, &mut (), &Cancel::new());
        let text = format!("this is the text of status {status}");
        match (status, result.unwrap_err()) {
            (-1, RunError::Invalid(it))
            | (-2, RunError::Unsupported(it))
            | (-3, RunError::Transient(it))
            | (-4, RunError::Denied(it))
            | (-5, RunError::Refused(it))
            | (-7 | -6 | 1, RunError::Failed(it)) => assert_eq!(it, text),
            (0, RunError::NoOutput) => {}
            (_, other) => panic!("status {status}: {other:?}"),
        }
    }
}

#[test]
fn many_outputs_come_in_their_order_and_not_beyond_the_limit() {
    let many = Fixture::new("many");
    let mut worker = many.worker();
    for _ in 0..3 {
        let mut run = many.run(picture(PixelFormat::Rgba8, 20, 10));
        run.params.count = 5;
        let outputs = worker.run(&run, &mut (), &Cancel::new()).unwrap();
        let greys: Vec<_> = outputs.iter().map(|output| output.bytes()[0]).collect();
        assert_eq!(greys, [0, 16, 32, 48, 64]);
        assert!(outputs.iter().all(|output| output.bytes().ends_with(&[output.bytes()[0], 255])));
        run.output_limit_bytes = 4 * 800 + 799;
        let error = worker.run(&run, &mut (), &Cancel::new()).unwrap_err();
        assert!(
            matches!(&error, RunError::Failed(text) if text.contains("and 799 are left")),
            "{error}"
        );
    }
    let mut run = many.run(picture(PixelFormat::Rgba8, 1, 1));
    run.params.count = 1000;
    let error = worker.run(&run, &mut (), &Cancel::new()).unwrap_err();
    assert!(error.to_string().contains("at most 64 outputs"), "{error}");
}

#[test]
fn previews_arrive_before_the_result() {
    let previewer = Fixture::new("previewer");
    let mut memory = Memory::default();
    let run = with(previewer.run(picture(PixelFormat::Rgba8, 6, 6)), "milliseconds", 0);
    let outputs = previewer.worker().run(&run, &mut memory, &Cancel::new()).unwrap();
    assert_eq!(outputs.len(), 1, "a preview is not a result");
    let colours: Vec<_> = memory.previews.iter().map(|preview| preview.bytes().to_vec()).collect();
    assert_eq!(
        colours,
        [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]].map(|it| it.repeat(4))
    );
}

#[test]
fn a_checkpoint_is_stored_before_the_backend_goes_on_and_given_back_later() {
    let fixture = Fixture::new("checkpointer");
    let cancel = Cancel::new();
    let mut memory = Memory { cancel_at_checkpoint: Some(cancel.clone()), ..Memory::default() };
    let mut run = fixture.run(picture(PixelFormat::Rgba8, 2, 2));
    let error = fixture.worker().run(&run, &mut memory, &cancel).unwrap_err();
    assert!(matches!(error, RunError::Cancelled), "{error}");
    assert_eq!(memory.checkpoints, [b"task 4711\0".to_vec()]);
    run.checkpoint = memory.checkpoints.pop();
    let outputs = run_once(&fixture, &run).unwrap();
    assert_eq!(outputs[0].bytes()[..4], [0, 255, 0, 255], "resumed");
}

#[test]
fn a_checkpoint_that_cannot_be_stored_is_an_error_with_the_reason() {
    let fixture = Fixture::new("checkpointer");
    let run = fixture.run(picture(PixelFormat::Rgba8, 2, 2));
    let mut memory =
        Memory { no_checkpoints: Some("the disk is full".to_owned()), ..Memory::default() };
    let error = fixture.worker().run(&run, &mut memory, &Cancel::new()).unwrap_err();
    assert!(matches!(&error, RunError::Failed(text) if text == "the disk is full"), "{error}");
}

#[test]
fn a_backend_may_talk_with_several_threads() {
    let threads = Fixture::new("threads");
    let mut worker = threads.worker();
    let mut memory = Memory::default();
    let run = threads.run(picture(PixelFormat::Rgba8, 9, 9));
    let outputs = worker.run(&run, &mut memory, &Cancel::new()).unwrap();
    assert_eq!(outputs[0].bytes(), inverted(&run.source));
    assert!(!memory.progress.is_empty());
    assert!(memory.progress.iter().all(|(_, text)| text.as_deref() == Some("one of four")));
    assert_works(&mut worker, &threads);
}

#[test]
fn a_newer_minor_version_is_loaded() {
    let newer = Fixture::new("newer-minor");
    let mut worker = newer.worker();
    assert_eq!(worker.abi_minor(), 7);
    assert_works(&mut worker, &newer);
}

#[test]
fn a_backend_that_does_not_open_can_still_be_described() {
    let fixture = Fixture::new("open-fails");
    assert_eq!(Worker::describe(&fixture.launch()).unwrap().id, "open-fails");
    match Worker::spawn(&fixture.launch()).unwrap_err() {
        WorkerError::Open(error) => {
            assert!(
                matches!(&*error, RunError::Unsupported(text) if text == "there is no graphics card")
            );
        }
        other => panic!("{other}"),
    }
}
