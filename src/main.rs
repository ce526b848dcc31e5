//! Parses, runs, and gives the exit code; nothing else.

fn main() -> std::process::ExitCode {
    easel::cli::main()
}
