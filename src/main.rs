//! The door: arguments in, exit code out.

use consentgate::commands::{self, Exit};

/// librdkafka allocates on its threads what ours free; mimalloc is made for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Exit {
    commands::main(std::env::args_os())
}
