//! Lines of JSON on their way out.
//!
//! Counts what is doubtful, so that it is said at the end. A reader that has gone away (`| head`) ends
//! the tail and is no failure; any other trouble with the output is one.

use std::io::{BufWriter, ErrorKind, Write};
use std::num::NonZeroU64;
use std::ops::ControlFlow;

use serde::Serialize;

use crate::commands::exit::{Exit, Failure};
use crate::kafka::TopicRecord;
use crate::wire::json::JsonTime;

/// What a record is shown as.
#[derive(Debug)]
pub(in crate::commands) struct Shown<T> {
    pub(in crate::commands) content: T,
    pub(in crate::commands) verdict: Verdict,
}

/// Whether the record is what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Verdict {
    /// As far as it can be told.
    Sound,
    /// It cannot be read, or was altered.
    Doubtful,
}

/// The record's own place.
#[derive(Clone, Debug, Serialize)]
pub(super) struct At {
    partition: i32,
    offset: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<JsonTime>,
}

impl From<&TopicRecord<'_>> for At {
    fn from(record: &TopicRecord<'_>) -> Self {
        Self {
            partition: record.partition().0,
            offset: record.offset().0,
            timestamp: record.timestamp_ms().map(JsonTime::of_millis),
        }
    }
}

#[derive(Serialize)]
struct Line<'a, T> {
    record: At,
    #[serde(flatten)]
    content: &'a T,
}

/// Writes lines until there are enough.
pub(super) struct Sink<W: Write> {
    out: BufWriter<W>,
    left: Option<NonZeroU64>,
    doubtful: u64,
    failure: Option<Failure>,
}

impl<W: Write> Sink<W> {
    /// Writes at most `max` lines.
    pub(super) fn new(out: W, max: Option<NonZeroU64>) -> Self {
        Self { out: BufWriter::new(out), left: max, doubtful: 0, failure: None }
    }

    /// Writes one line; breaks if it was the last one.
    pub(super) fn put<T: Serialize>(&mut self, at: At, shown: &Shown<T>) -> ControlFlow<()> {
        self.doubtful += u64::from(shown.verdict == Verdict::Doubtful);
        let line = Line { record: at, content: &shown.content };
        let written = serde_json::to_writer(&mut self.out, &line).map_err(std::io::Error::from);
        let written = written.and_then(|()| self.out.write_all(b"\n"));
        self.judge(written)?;
        let Some(left) = self.left else {
            return ControlFlow::Continue(());
        };
        self.left = NonZeroU64::new(left.get() - 1);
        match self.left {
            Some(_) => ControlFlow::Continue(()),
            None => ControlFlow::Break(()),
        }
    }

    /// Hands on what was written so far; breaks if nobody takes it any more.
    pub(super) fn flush(&mut self) -> ControlFlow<()> {
        let flushed = self.out.flush();
        self.judge(flushed)
    }

    /// Hands on the rest, and says what came of it.
    ///
    /// # Errors
    /// Records that are doubtful (65), an output that failed (74).
    pub(super) fn end(mut self) -> Result<(), Failure> {
        let _ = self.flush();
        match (self.failure, self.doubtful) {
            (Some(failure), _) => Err(failure),
            (None, 0) => Ok(()),
            (None, count) => {
                let message = format!(
                    "records that cannot be read or were altered: {count}; their lines say where"
                );
                Err(Failure::new(Exit::Data, message))
            }
        }
    }

    fn judge(&mut self, written: std::io::Result<()>) -> ControlFlow<()> {
        let Err(error) = written else {
            return ControlFlow::Continue(());
        };
        if error.kind() != ErrorKind::BrokenPipe && self.failure.is_none() {
            let message = format!("cannot write to standard output: {error}");
            self.failure = Some(Failure::new(Exit::Io, message));
        }
        ControlFlow::Break(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Content {
        word: &'static str,
    }

    fn at(offset: i64) -> At {
        At { partition: 3, offset, timestamp: Some(JsonTime::of_millis(0)) }
    }

    fn shown(verdict: Verdict) -> Shown<Content> {
        Shown { content: Content { word: "stop" }, verdict }
    }

    #[test]
    fn a_line_opens_with_the_place_and_the_last_one_breaks() {
        let mut out = Vec::new();
        let mut sink = Sink::new(&mut out, NonZeroU64::new(2));
        let flow = [7, 8].map(|offset| sink.put(at(offset), &shown(Verdict::Sound)).is_break());
        assert_eq!(flow, [false, true]);
        assert!(sink.end().is_ok());
        let place = |offset: i64| {
            let at = format!(
                r#""partition":3,"offset":{offset},"timestamp":"1970-01-01T00:00:00.000Z""#
            );
            format!("{{\"record\":{{{at}}},\"word\":\"stop\"}}\n")
        };
        assert_eq!(String::from_utf8(out).expect("text"), place(7) + &place(8));
    }

    #[test]
    fn what_is_doubtful_ends_with_65() {
        let mut sink = Sink::new(Vec::new(), None);
        let _ = sink.put(at(1), &shown(Verdict::Doubtful));
        let _ = sink.put(at(2), &shown(Verdict::Sound));
        let failure = sink.end().expect_err("a doubtful record");
        assert_eq!(failure.exit(), Exit::Data);
        assert!(failure.to_string().contains("altered: 1;"), "{failure}");
    }

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_gone_ends_the_tail_and_is_no_failure() {
        for (kind, exit) in
            [(ErrorKind::BrokenPipe, None), (ErrorKind::StorageFull, Some(Exit::Io))]
        {
            let mut sink = Sink::new(Broken(kind), None);
            let _ = sink.put(at(1), &shown(Verdict::Sound));
            assert!(sink.flush().is_break());
            assert_eq!(sink.end().err().map(|failure| failure.exit()), exit);
        }
    }
}
