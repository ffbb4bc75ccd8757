//! Where a broker listens.

use std::fmt;

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::kafka) struct Address {
    /// A name or a number, without the brackets that IPv6 is written in.
    pub(in crate::kafka) host: String,
    /// The port.
    pub(in crate::kafka) port: u16,
}

impl Address {
    /// The addresses of a list such as `kafka-1:9092,[::1]:9092`; what is no address is left out.
    pub(in crate::kafka) fn list(bootstrap: &str) -> Vec<Self> {
        bootstrap.split(',').filter_map(|one| Self::parse(one.trim())).collect()
    }

    fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Some(Self { host: bare.unwrap_or(host).to_owned(), port: port.parse().ok()? })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_brokers_is_read_and_shown_as_it_is_written() {
        let list = Address::list("kafka-1:9092, [::1]:9093");
        let shown: Vec<_> = list.iter().map(Address::to_string).collect();
        assert_eq!(shown, ["kafka-1:9092", "[::1]:9093"]);
        assert_eq!(list[1].host, "::1");
    }
}
