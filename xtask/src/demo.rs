//! `cargo xtask demo`: the main job on real photographs, from a bare clone to a contact sheet.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::run::{cargo, check, say};
use crate::{Outcome, tools, weights};

/// One step: what it shows, and what `easel transform` is told.
struct Step {
    title: &'static str,
    photograph: &'static str,
    result: &'static str,
    arguments: &'static [&'static str],
}

const STEPS: &[Step] = &[
    Step {
        title: "Restyle",
        photograph: "rocket.jpg",
        result: "1-restyle.png",
        arguments: &[
            "--intent",
            "restyle",
            "--model",
            "local-style",
            "--style",
            "starlit-blue:0.6",
            "--style",
            "warm-oil:0.4",
        ],
    },
    Step {
        title: "Restyle after a reference",
        photograph: "coffee.png",
        result: "2-reference.png",
        arguments: &[
            "--intent",
            "restyle",
            "--model",
            "local-style-reference",
            "--reference",
            "{out}/1-restyle.png",
        ],
    },
    Step {
        title: "Another background",
        photograph: "astronaut.png",
        result: "3-background.png",
        arguments: &[
            "--intent",
            "background",
            "--model",
            "local-cutout",
            "--param",
            "background=blur",
        ],
    },
    Step {
        title: "Restyle inside a mask",
        photograph: "coffee.png",
        result: "4-masked.png",
        arguments: &[
            "--intent",
            "restyle",
            "--model",
            "local-style",
            "--style",
            "comic-ink",
            "--mask",
            "{data}/coffee-mask.png",
        ],
    },
    Step {
        title: "Cut out",
        photograph: "chelsea.png",
        result: "5-cutout.png",
        arguments: &["--intent", "cutout", "--model", "local-cutout"],
    },
    Step {
        title: "Enhance ×2",
        photograph: "chelsea.png",
        result: "6-enhance.png",
        arguments: &["--intent", "enhance", "--model", "local-enhance", "--scale", "2"],
    },
];

pub(crate) fn run(root: &Path) -> Outcome {
    tools::ensure_for_building(root)?;
    weights::run(root)?;
    cargo(root, &["build", "--release", "--bin", "easel"])?;
    let demo = Demo::new(root)?;
    let outcome = demo.show();
    // The daemon was started for this demo alone, in a folder of its own.
    let stopped = demo.easel(&["stop", "--quiet"]);
    let _ = std::fs::remove_dir_all(&demo.data);
    outcome.and(stopped)
}

struct Demo<'a> {
    root: &'a Path,
    easel: PathBuf,
    data: PathBuf,
    out: PathBuf,
}

impl Demo<'_> {
    fn new(root: &Path) -> Result<Demo<'_>, String> {
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |folder| root.join(folder));
        let out = target.join("demo");
        let _ = std::fs::remove_dir_all(&out);
        std::fs::create_dir_all(&out)
            .map_err(|error| format!("cannot make `{}`: {error}", out.display()))?;
        let data = std::env::temp_dir().join(format!("easel-demo-{}", std::process::id()));
        let easel = target.join("release").join(format!("easel{}", std::env::consts::EXE_SUFFIX));
        Ok(Demo { root, easel, data, out })
    }

    fn easel(&self, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(&self.easel);
        command
            .env("EASEL_DATA_DIR", &self.data)
            .env("EASEL_WEIGHTS_DIR", self.root.join("weights"))
            .args(arguments);
        check(self.root, &mut command)
    }

    fn show(&self) -> Outcome {
        let mut shown: Vec<String> = Vec::new();
        let photographs = self.root.join("tests/data");
        for step in STEPS {
            say(&format!(
                "\n{} · easel transform {} {}",
                step.title,
                step.photograph,
                step.arguments.join(" ").replace("{data}/", "").replace("{out}/", "")
            ));
            let (picture, result) = (photographs.join(step.photograph), self.out.join(step.result));
            let (picture, result) = (picture.display().to_string(), result.display().to_string());
            let began = Instant::now();
            let mut arguments = vec!["transform", &picture, "--out", &result, "--quiet"];
            let (data, out) = (photographs.display().to_string(), self.out.display().to_string());
            let resolved = |it: &&str| it.replace("{data}", &data).replace("{out}", &out);
            let resolved: Vec<String> = step.arguments.iter().map(resolved).collect();
            arguments.extend(resolved.iter().map(String::as_str));
            self.easel(&arguments)?;
            shown.push(format!("{picture}=Source"));
            shown.push(format!("{result}={} · {:.1} s", step.title, began.elapsed().as_secs_f64()));
        }
        let sheet = self.out.join("sheet.png").display().to_string();
        let mut arguments = vec!["sheet", "--quiet", "--columns", "4", "--out", &sheet];
        arguments.extend(shown.iter().map(String::as_str));
        self.easel(&arguments)?;
        say(&format!(
            "\nThe results are in {}, all of them together in\n  {sheet}\n",
            self.out.display()
        ));
        say("Try next, on a picture of your own:");
        let easel = self.easel.display();
        say(&format!("  {easel} open      # the page, in the browser"));
        say(&format!("  {easel} model show local-style"));
        say(&format!(
            "  {easel} transform photo.jpg --intent restyle --model local-style --style NAME"
        ));
        say(&format!(
            "  {easel} transform photo.jpg --intent background --model local-cutout --param background=blur"
        ));
        Ok(())
    }
}
