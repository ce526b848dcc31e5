//! Tries the local networks on a file, without a daemon: picture in, PNG out. For looking at results;
//! the program itself never uses it. The weights are those of the checkout, or of `EASEL_WEIGHTS_DIR`.
//!
//! ```text
//! try IN OUT style NAME[:SHARE][,NAME:SHARE…] [fine|normal|broad] [STRENGTH] [keep]
//! try IN OUT like REFERENCE[,REFERENCE…] [fine|normal|broad] [STRENGTH] [keep]
//! try IN OUT cutout [transparent|blur|#rrggbb|FILE]
//! try IN OUT mask
//! try IN OUT enhance 1|2|4 [fast|best] [STRENGTH]
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use easel_backend::{Result, StyleWeight};
use easel_local::{Backdrop, Brush, Finish, STYLES, Tier, Watch, Weights};
use easel_pixels::{Encoding, Format, Limits, Picture, convert, decode, encode};

type Failure = Box<dyn std::error::Error>;

/// Remembers the longest time between two questions, which is how late a cancel may come.
struct Clock {
    last: Cell<Instant>,
    longest: Cell<Duration>,
}

impl Watch for Clock {
    fn keep_going(&self) -> Result<()> {
        self.longest.set(self.longest.get().max(self.last.get().elapsed()));
        self.last.set(Instant::now());
        Ok(())
    }

    fn progress(&self, fraction: f64, message: &str) {
        eprint!("\r{message} {:3.0} % ", fraction * 100.0);
    }
}

fn read(path: &str) -> std::result::Result<Picture, Failure> {
    let picture = decode(&std::fs::read(path)?, &Limits::default())?.picture;
    Ok(convert(picture.view(), Format::Rgba8))
}

/// `NAME:SHARE,…` as shares in the order of [`STYLES`].
fn blend(text: &str) -> std::result::Result<Vec<f32>, Failure> {
    let mut shares = vec![0.0; STYLES.len()];
    for part in text.split(',') {
        let (name, weight) = part.split_once(':').unwrap_or((part, "1"));
        let part = StyleWeight { name: name.to_owned(), weight: weight.parse()? };
        let index =
            STYLES.iter().position(|style| style.name == part.name).ok_or("no such style")?;
        shares[index] += part.weight as f32;
    }
    let sum: f32 = shares.iter().sum();
    Ok(shares.into_iter().map(|share| share / sum).collect())
}

fn main() -> std::result::Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, out_path, command, rest @ ..] = arguments.as_slice() else {
        return Err("usage: try IN OUT style|like|cutout|mask|enhance …".into());
    };
    let checkout = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../weights"));
    let folder = std::env::var_os("EASEL_WEIGHTS_DIR").map_or(checkout, PathBuf::from);
    let mut weights = Weights::new(Some(folder));
    let option = |index: usize, default: &'static str| {
        rest.get(index).map_or(default, String::as_str).to_owned()
    };
    let source = read(input)?;
    let clock = Clock { last: Cell::new(Instant::now()), longest: Cell::default() };
    let started = Instant::now();
    let mut out = Picture::new_zeroed(Format::Rgba8, source.size())?;
    match command.as_str() {
        "style" | "like" => {
            let brush = Brush::from_name(&option(1, "normal")).ok_or("no such brush")?;
            let finish =
                Finish { strength: option(2, "1").parse()?, keep_colours: option(3, "") == "keep" };
            if command == "style" {
                let shares = blend(&option(0, "warm-oil"))?;
                easel_local::paint_named(
                    &mut weights,
                    source.view(),
                    &shares,
                    brush,
                    finish,
                    &mut out.view_mut(),
                    &clock,
                )?;
            } else {
                let pictures = option(0, "")
                    .split(',')
                    .map(read)
                    .collect::<std::result::Result<Vec<_>, _>>()?;
                let views: Vec<_> = pictures.iter().map(Picture::view).collect();
                easel_local::paint_like(
                    &mut weights,
                    source.view(),
                    &views,
                    brush,
                    finish,
                    &mut out.view_mut(),
                    &clock,
                )?;
            }
        }
        "cutout" => {
            let wanted = option(0, "transparent");
            let picture =
                std::path::Path::new(&wanted).is_file().then(|| read(&wanted)).transpose()?;
            let backdrop = match &picture {
                Some(picture) => Backdrop::Picture(picture.view()),
                None => Backdrop::from_name(&wanted)?,
            };
            easel_local::cut_out(
                &mut weights,
                source.view(),
                &backdrop,
                &mut out.view_mut(),
                &clock,
            )?;
        }
        "mask" => out = easel_local::subject_mask(&mut weights, source.view(), &clock)?,
        "enhance" => {
            let scale: u32 = option(0, "2").parse()?;
            let tier = Tier::from_name(&option(1, "fast")).ok_or("no such tier")?;
            out = Picture::new_zeroed(Format::Rgba8, source.size().scaled(scale))?;
            let strength = option(2, "1").parse()?;
            easel_local::enhance(
                &mut weights,
                source.view(),
                scale,
                tier,
                strength,
                &mut out.view_mut(),
                &clock,
            )?;
        }
        other => return Err(format!("no such command: {other}").into()),
    }
    let seconds = started.elapsed().as_secs_f64();
    let longest = clock.longest.get().as_secs_f64();
    println!(
        "\r{} -> {} in {seconds:.1} s, asked at least every {longest:.2} s",
        source.size(),
        out.size()
    );
    std::fs::write(out_path, encode(out.view(), None, Encoding::Png)?)?;
    Ok(())
}
