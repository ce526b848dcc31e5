//! The backend as the host sees it: what the four models can do, and how a job becomes a call of one
//! of them. It computes nothing itself, and opens no file but through [`Weights`].

use std::path::PathBuf;

use easel_backend::{
    Backend, Config, Descriptor, Error, Host, Image, Intent, Job, Keep, ModelRecord, OutputImage,
    ParamKind, ParamRecord, PixelFormat, Result,
};
use easel_pixels::{Format, Picture, Size, View, ViewMut, convert};
use serde::Deserialize;

use crate::backdrop::Backdrop;
use crate::cutout::cut_out;
use crate::enhance::{Tier, enhance};
use crate::finish::Finish;
use crate::paint::{Brush, paint_like, paint_named};
use crate::styles::{records, shares};
use crate::tensor::layout;
use crate::weights::Weights;

const STYLE: &str = "local-style";
const STYLE_REFERENCE: &str = "local-style-reference";
const CUTOUT: &str = "local-cutout";
const ENHANCE: &str = "local-enhance";

/// The behaviour when nothing is said about the background: the reference where there is one, else blur.
const AUTO: &str = "auto";

/// What the host tells when it opens the backend.
#[derive(Debug, Deserialize)]
struct Settings {
    /// The folder of the weights.
    weights_dir: Option<PathBuf>,
}

/// The embedded backend.
#[derive(Debug)]
pub struct Local {
    weights: Weights,
}

impl Backend for Local {
    fn describe() -> Descriptor {
        descriptor()
    }

    fn open(_host: &Host<'_>, config: Config) -> Result<Self> {
        let settings: Settings = config.parse()?;
        Ok(Local { weights: Weights::new(settings.weights_dir) })
    }

    fn run(&mut self, job: &mut Job<'_>) -> Result<()> {
        let (kept, source) = (Kept::of(job.source())?, job.source());
        let size = Size::new(source.width(), source.height());
        match job.model() {
            STYLE | STYLE_REFERENCE => {
                let mut output = output(job, size)?;
                self.paint(job, kept.view()?, &mut writable(&mut output)?)
            }
            CUTOUT => {
                let mut output = output(job, size)?;
                self.cut_out(job, kept.view()?, &mut writable(&mut output)?)
            }
            ENHANCE => {
                let scale = job.params().scale;
                let tier = Tier::from_name(text_param(job, "tier", Tier::NAMES[0]))
                    .ok_or_else(|| wrong("tier"))?;
                let mut output = output(job, size.scaled(scale))?;
                let mut out = writable(&mut output)?;
                enhance(&mut self.weights, kept.view()?, scale, tier, strength(job), &mut out, job)
            }
            unknown => Err(Error::invalid(format!("there is no model `{unknown}` here"))),
        }
    }
}

impl Local {
    fn paint(&mut self, job: &Job<'_>, source: View<'_>, out: &mut ViewMut<'_>) -> Result<()> {
        let brush =
            Brush::from_name(text_param(job, "brush", "normal")).ok_or_else(|| wrong("brush"))?;
        let finish = Finish {
            strength: strength(job),
            keep_colours: job.params().keep.contains(&Keep::Colours),
        };
        if job.model() == STYLE {
            let shares = shares(&job.params().style)?;
            return paint_named(&mut self.weights, source, &shares, brush, finish, out, job);
        }
        let references =
            job.references().iter().map(|image| Kept::of(*image)).collect::<Result<Vec<_>>>()?;
        let views = references.iter().map(Kept::view).collect::<Result<Vec<_>>>()?;
        paint_like(&mut self.weights, source, &views, brush, finish, out, job)
    }

    fn cut_out(&mut self, job: &Job<'_>, source: View<'_>, out: &mut ViewMut<'_>) -> Result<()> {
        let reference = job.references().first().map(|image| Kept::of(*image)).transpose()?;
        let wanted = text_param(job, "background", AUTO);
        let backdrop = match (job.params().intent, &reference) {
            (Intent::Cutout, None) if matches!(wanted, AUTO | "transparent") => {
                Backdrop::Transparent
            }
            (Intent::Cutout, _) => {
                let message = "a cutout has nothing behind the subject: ask for intent `background` to put something there";
                return Err(Error::invalid(message));
            }
            (_, Some(picture)) if wanted == AUTO => Backdrop::Picture(picture.view()?),
            (_, Some(_)) => {
                let message =
                    "both a `background` and a reference to put there were given: leave one out";
                return Err(Error::invalid(message));
            }
            (_, None) if wanted == AUTO => Backdrop::Blur,
            (_, None) => Backdrop::from_name(wanted)?,
        };
        cut_out(&mut self.weights, source, &backdrop, out, job)
    }
}

/// What the backend offers.
pub fn descriptor() -> Descriptor {
    Descriptor {
        id: "easel-local".to_owned(),
        name: "Local networks".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        max_instances: 1,
        models: vec![style_model(), reference_model(), cutout_model(), enhance_model()],
    }
}

/// What all models here have in common: they own their sizes, repeat exactly and cost nothing.
fn model(id: &str, label: &str, intents: &[Intent]) -> ModelRecord {
    ModelRecord {
        alpha: true,
        formats: vec![PixelFormat::Rgba8],
        repeatable: true,
        timeout_seconds: 3600,
        ..ModelRecord::new(id, label, intents)
    }
}

fn brush_param() -> ParamRecord {
    ParamRecord {
        name: "brush".to_owned(),
        description: "how large the strokes are against the picture".to_owned(),
        value: ParamKind::Choice { values: Brush::NAMES.map(str::to_owned).to_vec() },
        default: "normal".into(),
    }
}

fn style_model() -> ModelRecord {
    ModelRecord {
        strengths: "26 painting styles by name, blendable, in seconds".to_owned(),
        limitation: "reads no prompt; faces and lettering are painted over, not understood"
            .to_owned(),
        best_use: "a quick painted look for a photograph, or several to choose from".to_owned(),
        keep: vec![Keep::Pose, Keep::Composition, Keep::Colours],
        strength: true,
        styles: records(),
        params: vec![brush_param()],
        seconds_per_megapixel: Some(3.0),
        suits: [(Intent::Restyle, 0.5)].into(),
        ..model(STYLE, "Painting styles (local)", &[Intent::Restyle])
    }
}

fn reference_model() -> ModelRecord {
    ModelRecord {
        strengths: "the colours and strokes of up to four reference pictures".to_owned(),
        limitation: "reads no prompt; takes over texture and colour, never objects or characters"
            .to_owned(),
        best_use: "a series of pictures in one look, or the look of a painting of your own"
            .to_owned(),
        keep: vec![Keep::Pose, Keep::Composition, Keep::Colours],
        references: (1, 4),
        strength: true,
        params: vec![brush_param()],
        seconds_per_megapixel: Some(2.0),
        suits: [(Intent::Restyle, 0.55)].into(),
        ..model(STYLE_REFERENCE, "Style from a reference (local)", &[Intent::Restyle])
    }
}

fn cutout_model() -> ModelRecord {
    ModelRecord {
        strengths: "finds the subject, clean edge colours, a new background".to_owned(),
        limitation: "reads no prompt; the subject cannot be named, and loose hair and glass stay rough".to_owned(),
        best_use: "people, animals, products and vehicles that stand out from what is behind them".to_owned(),
        keep: Keep::ALL.to_vec(),
        references: (0, 1),
        params: vec![ParamRecord {
            name: "background".to_owned(),
            description: "what comes behind the subject, for intent `background`: `transparent`, `blur`, a colour such as `#f0e8d8`, or `auto` for the reference, else blur".to_owned(),
            value: ParamKind::Text,
            default: AUTO.into(),
        }],
        seconds_per_megapixel: Some(1.0),
        suits: [(Intent::Cutout, 0.75), (Intent::Background, 0.6)].into(),
        ..model(CUTOUT, "Cut out (local)", &[Intent::Cutout, Intent::Background])
    }
}

fn enhance_model() -> ModelRecord {
    ModelRecord {
        strengths: "sharper and up to four times larger, on this machine".to_owned(),
        limitation: "reads no prompt; `best` takes minutes and invents fine texture, `fast` keeps JPEG blocks".to_owned(),
        best_use: "`fast` for a clean picture that is too small, `best` for a small or noisy one".to_owned(),
        keep: vec![Keep::Subject, Keep::Pose, Keep::Composition, Keep::Colours],
        strength: true,
        scales: vec![2, 4],
        params: vec![ParamRecord {
            name: "tier".to_owned(),
            description: "`fast` takes seconds, `best` minutes".to_owned(),
            value: ParamKind::Choice { values: Tier::NAMES.map(str::to_owned).to_vec() },
            default: Tier::NAMES[0].into(),
        }],
        // `best` on a large picture may take hours; it says how far it is and stops when asked.
        timeout_seconds: 21_600,
        seconds_per_megapixel: Some(12.0),
        suits: [(Intent::Enhance, 0.6)].into(),
        ..model(ENHANCE, "Enhance (local)", &[Intent::Enhance])
    }
}

fn strength(job: &Job<'_>) -> f32 {
    job.params().strength.map_or(1.0, |strength| strength as f32)
}

fn text_param<'a>(job: &'a Job<'_>, name: &str, default: &'a str) -> &'a str {
    job.params().params.get(name).and_then(|value| value.as_str()).unwrap_or(default)
}

fn wrong(name: &str) -> Error {
    Error::invalid(format!("the param `{name}` has a value that the model's record does not name"))
}

/// A picture of the host as `rgba8`: borrowed where it is, converted where it is not.
enum Kept<'a> {
    Borrowed(Image<'a>),
    Converted(Picture),
}

impl<'a> Kept<'a> {
    fn of(image: Image<'a>) -> Result<Self> {
        if image.format() == PixelFormat::Rgba8 {
            return Ok(Kept::Borrowed(image));
        }
        let view = View::new(format(image.format())?, size(image), image.stride(), image.data())
            .map_err(layout)?;
        Ok(Kept::Converted(convert(view, Format::Rgba8)))
    }

    fn view(&self) -> Result<View<'_>> {
        match self {
            Kept::Borrowed(image) => {
                View::new(Format::Rgba8, size(*image), image.stride(), image.data()).map_err(layout)
            }
            Kept::Converted(picture) => Ok(picture.view()),
        }
    }
}

fn size(image: Image<'_>) -> Size {
    Size::new(image.width(), image.height())
}

fn format(format: PixelFormat) -> Result<Format> {
    match format {
        PixelFormat::Gray8 => Ok(Format::Gray8),
        PixelFormat::Rgba8 => Ok(Format::Rgba8),
        PixelFormat::Rgba16 => Ok(Format::Rgba16),
        PixelFormat::Rgbaf32 => Ok(Format::RgbaF32),
        _ => Err(Error::invalid(format!("no model here takes the pixel format `{format}`"))),
    }
}

fn output<'run>(job: &Job<'run>, size: Size) -> Result<OutputImage<'run>> {
    job.output(size.width, size.height, PixelFormat::Rgba8)
}

fn writable<'a>(output: &'a mut OutputImage<'_>) -> Result<ViewMut<'a>> {
    let (size, stride) = (Size::new(output.width(), output.height()), output.stride());
    ViewMut::new(Format::Rgba8, size, stride, output.data_mut()).map_err(layout)
}
