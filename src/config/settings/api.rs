//! `[api]` as written: where senders and engines ask the gate.
//!
//! Nothing is served without a token, and nothing that is asked here lets a message pass.

use std::path::PathBuf;

use crate::config::section::section;
use crate::config::value::Size;

section! {
    /// Questions to the gate over HTTP: POST /v1/recheck for a sender just before its call, POST
    /// /v1/check for audience counts. Served only where a token file is named. There is no TLS here:
    /// put a proxy in front before you listen on more than this machine.
    ["api"] ApiSettings {
        /// Address and port to listen on.
        listen: String = "127.0.0.1:9466".to_owned();
        /// A file with the bearer token, at least 32 characters; a second line may hold the next or
        /// the last one while it is changed. Readable by the owner only. If not set: nothing is served.
        token_file: Option<PathBuf> = None, example "\"/etc/consentgate/api.token\"";
        /// At most so many messages or people a question.
        max_items: u32 = 1_000;
        /// At most so many bytes a question.
        max_body: Size = Size::mib(4);
        /// At most so many questions at once; more are answered 503.
        max_waiting: u32 = 64;
    }
}
