//! The vocabulary of consent, and the rules that turn events into state.
//!
//! Knows no Kafka, no protobuf, no clock and no policy. It fails closed: whatever objects is taken
//! as widely as it can be read, whatever permits is refused unless it is complete.
//!
//! Read in this order: [`ids`], [`identity`], [`time`], [`position`], [`event`] (what a record
//! says), [`fact`] (what it contributes), [`fold()`] (from one to the other), [`state`] (the join of
//! all facts).

pub mod category;
pub mod conversation;
pub mod event;
pub mod evidence;
pub mod fact;
mod fold;
pub mod grant;
pub mod identity;
pub mod ids;
pub mod kind;
pub mod link;
pub mod objection;
pub mod partitioner;
pub mod pause;
pub mod position;
pub mod record;
pub mod route;
pub mod spelling;
pub mod state;
pub mod subject_state;
pub mod template;
pub mod text;
pub mod time;
mod variant;

pub use category::Category;
pub use conversation::{Conversation, Inbounds};
pub use event::{
    Actor, Coded, ConsentEvent, Expression, Method, Strength, TemplateSaid, VoidRemedy,
};
pub use evidence::{Also, Demand, Lack, lacks};
pub use fact::{Fact, Folded, Note};
pub use fold::{RULES_VERSION, fold};
pub use grant::Grant;
pub use identity::{Identity, IdentityRef, Phone, Subject, UserId};
pub use ids::{BusinessId, EventId, ScopeName};
pub use kind::{Effect, EventKind};
pub use link::{Crowd, Link, LinkChange, LinkReach};
pub use objection::{Class, Mark, Objections};
pub use pause::{PauseTarget, Pauses};
pub use position::{Offset, Partition, Place, Positions, Topic};
pub use record::{ConsentRecord, Content, KeyParts, Placement};
pub use route::RouteName;
pub use state::{Holding, State};
pub use subject_state::SubjectState;
pub use template::{TemplateRef, TemplateStanding, TemplateState, Templates, Usability, WayOut};
pub use text::{Edition, Language, NamesWhatsapp, TextHash, TextRef, TextRegistry};
pub use time::{CLOCK_TOLERANCE_S, Seconds};
