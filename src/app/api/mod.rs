//! Questions over HTTP: `POST /v1/recheck` and `POST /v1/check`; and tripped lanes: `/v1/lanes`.
//!
//! Knows HTTP and who may ask; what is decided is [`crate::stream::Answers`]' matter. Whoever shows no
//! token is not even read. While the gate holds, the answer is 503 with the cause; in doubt there is
//! never a yes. It counts what it answers and remembers nobody.

mod audit;
mod doors;
mod lanes;
mod open;
mod problem;
mod server;
#[cfg(test)]
mod tests;
mod token;

pub use doors::{Door, Doors};
pub use open::{ApiError, OpenApi};
pub use server::GateAnswers;
pub use token::{ApiToken, TokenError};
