//! `[optout]` as written: opt-out links and their page.
//!
//! Knows texts, not tokens; the key stands under `[keys]`.

use crate::config::section::section;
use crate::config::value::PassThrough;

section! {
    /// Opt-out links, for `consentgate optout`: it makes links for campaigns and serves the page behind
    /// them. The gate itself does not need this section.
    ["optout"] OptoutSettings {
        /// Where people reach the page, as links begin: the address of the proxy that ends TLS.
        public_url: Option<String> = None, example "\"https://leave.example\"";
        /// Address and port on which `optout serve` listens, behind that proxy.
        listen: String = "127.0.0.1:9467".to_owned();
        /// How many withdrawals a second are taken at most. Beyond it people are asked to try again.
        posts_per_second: u32 = 200;
        /// What people call a business; without a name here its id is shown.
        names: PassThrough = PassThrough::new(), example "\"cafe-luna\" = \"Café Luna\"";
        /// What people call a scope of your own. The standard scopes are named in every language of the
        /// page.
        scopes: PassThrough = PassThrough::new(), example "\"loyalty\" = \"the loyalty programme\"";
    }
}
