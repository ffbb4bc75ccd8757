//! Which pauses concern a message.
//!
//! A pause of a scope that the policy has never known may mean any scope, so it concerns every
//! message. A campaign or a template is meant if the message names it, letter by letter.

use super::judge::effective_scope;
use super::message::Message;
use crate::consent::{PauseTarget, Pauses, ScopeName};
use crate::policy::Policy;

/// Whether anything that is paused concerns the message.
pub(super) fn is_paused(policy: &Policy, message: &Message<'_>, pauses: &Pauses) -> bool {
    pauses.is_business_on()
        || pauses.scopes_on().any(|scope| means_scope(policy, message, scope))
        || pauses.is_campaign_on(message.campaign_id)
        || pauses.is_template_on(message.template)
}

/// Whether a pause of this target concerns the message.
pub fn is_pause_meant(policy: &Policy, message: &Message<'_>, target: &PauseTarget) -> bool {
    match target {
        PauseTarget::Business => true,
        PauseTarget::Scope(scope) => means_scope(policy, message, scope),
        PauseTarget::Campaign(campaign) => **campaign == *message.campaign_id,
        PauseTarget::Template(template) => **template == *message.template,
    }
}

fn means_scope(policy: &Policy, message: &Message<'_>, scope: &ScopeName) -> bool {
    scope.as_str() == effective_scope(message) || !policy.has_known(scope.as_str())
}
