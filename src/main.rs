//! The one binary.

use std::process::ExitCode;

#[cfg(feature = "server")]
fn main() -> ExitCode {
    yinzheng::cli::run()
}

/// Without the faces there is nothing to run; the library is the product.
#[cfg(not(feature = "server"))]
fn main() -> ExitCode {
    ExitCode::FAILURE
}
