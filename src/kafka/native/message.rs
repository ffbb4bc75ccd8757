//! A record of a batch, and its headers, as they lie in librdkafka's memory.

use std::ffi::{CStr, c_void};
use std::marker::PhantomData;
use std::ptr::{NonNull, null, null_mut};
use std::slice;

use rdkafka::bindings::{
    rd_kafka_header_add, rd_kafka_header_get_all, rd_kafka_headers_copy, rd_kafka_headers_destroy,
    rd_kafka_headers_new, rd_kafka_headers_t, rd_kafka_message_destroy, rd_kafka_message_headers,
    rd_kafka_message_status, rd_kafka_message_t, rd_kafka_message_timestamp, rd_kafka_msg_status_t,
    rd_kafka_timestamp_type_t,
};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::types::RDKafkaRespErr;

use crate::consent::{Offset, Partition};

/// A record, given back to librdkafka when dropped.
pub(in crate::kafka) struct NativeMessage<'c> {
    message: NonNull<rd_kafka_message_t>,
    consumer: PhantomData<&'c ()>,
}

impl NativeMessage<'_> {
    /// Takes over what a consumer returned: a record, or an error in the place of one.
    ///
    /// # Safety
    /// The message is ours, and its consumer lives as long as what is returned borrows.
    pub(super) unsafe fn own(message: NonNull<rd_kafka_message_t>) -> Result<Self, KafkaError> {
        let message = Self { message, consumer: PhantomData };
        match message.get().err {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(message),
            error => Err(KafkaError::MessageConsumption(error.into())),
        }
    }

    pub(in crate::kafka) fn partition(&self) -> Partition {
        Partition(self.get().partition)
    }

    pub(in crate::kafka) fn offset(&self) -> Offset {
        Offset(self.get().offset)
    }

    pub(in crate::kafka) fn value(&self) -> Option<&[u8]> {
        self.bytes(self.get().payload, self.get().len)
    }

    pub(in crate::kafka) fn key(&self) -> Option<&[u8]> {
        self.bytes(self.get().key, self.get().key_len)
    }

    /// The timestamp in milliseconds, if the record has one.
    pub(in crate::kafka) fn timestamp_ms(&self) -> Option<i64> {
        let mut kind = rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: the message is ours, and `kind` outlives the call.
        let millis = unsafe { rd_kafka_message_timestamp(self.message.as_ptr(), &mut kind) };
        let has_none = kind == rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        (!has_none && millis != -1).then_some(millis)
    }

    /// A copy of the headers, if there are any. They are not looked at.
    pub(in crate::kafka) fn headers(&self) -> Option<NativeHeaders> {
        let headers = self.own_headers()?;
        // SAFETY: the headers live with the message, and are only read to be copied.
        NonNull::new(unsafe { rd_kafka_headers_copy(headers.as_ptr()) }).map(NativeHeaders)
    }

    /// Shows name and value of every header in order; null values as `None`.
    pub(in crate::kafka) fn each_header<'m>(
        &'m self,
        mut show: impl FnMut(&'m [u8], Option<&'m [u8]>),
    ) {
        let Some(headers) = self.own_headers() else {
            return;
        };
        let (mut name, mut value, mut len) = (null(), null(), 0);
        for at in 0.. {
            // SAFETY: the headers live with the message; the three places outlive the call.
            let found = unsafe {
                let headers = headers.as_ptr();
                rd_kafka_header_get_all(headers, at, &mut name, &mut value, &mut len)
            };
            if found != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR || name.is_null() {
                return;
            }
            // SAFETY: a name ends with a zero, and lives with the message.
            let name = unsafe { CStr::from_ptr(name) };
            show(name.to_bytes(), self.bytes(value.cast_mut(), len));
        }
    }

    /// The headers, which belong to the message and never change.
    fn own_headers(&self) -> Option<NonNull<rd_kafka_headers_t>> {
        let mut headers = null_mut();
        // SAFETY: the message is ours, and `headers` outlives the call.
        match unsafe { rd_kafka_message_headers(self.message.as_ptr(), &mut headers) } {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => NonNull::new(headers),
            _ => None,
        }
    }

    fn get(&self) -> &rd_kafka_message_t {
        // SAFETY: it is ours until it is dropped, and nobody writes to these fields.
        unsafe { self.message.as_ref() }
    }

    fn bytes(&self, begin: *mut c_void, len: usize) -> Option<&[u8]> {
        let begin = NonNull::new(begin.cast::<u8>())?;
        // SAFETY: librdkafka keeps so many bytes there as long as the message lives.
        Some(unsafe { slice::from_raw_parts(begin.as_ptr(), len) })
    }
}

impl Drop for NativeMessage<'_> {
    fn drop(&mut self) {
        // SAFETY: it is ours, and nothing borrows from it any longer.
        unsafe { rd_kafka_message_destroy(self.message.as_ptr()) };
    }
}

/// Whether a record that was sent is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kafka) enum Written {
    /// It is not.
    No,
    /// It may be.
    Perhaps,
}

/// What is known of a record that was given up.
pub(in crate::kafka) fn written(record: &BorrowedMessage<'_>) -> Written {
    // SAFETY: the record lives, and is only read.
    match unsafe { rd_kafka_message_status(record.ptr()) } {
        rd_kafka_msg_status_t::RD_KAFKA_MSG_STATUS_NOT_PERSISTED => Written::No,
        _ => Written::Perhaps,
    }
}

/// Headers that belong to nobody yet.
pub(in crate::kafka) struct NativeHeaders(NonNull<rd_kafka_headers_t>);

impl NativeHeaders {
    /// These headers, or none, and one more behind them.
    ///
    /// # Errors
    /// The library refused it.
    pub(in crate::kafka) fn with(
        headers: Option<Self>,
        name: &str,
        value: &[u8],
    ) -> Result<Self, KafkaError> {
        let none = || KafkaError::ClientCreation("librdkafka could not hold a header".to_owned());
        let headers = match headers {
            Some(headers) => headers,
            // SAFETY: it makes a list of nothing, with room for one; it is ours.
            None => Self(NonNull::new(unsafe { rd_kafka_headers_new(1) }).ok_or_else(none)?),
        };
        let (name_len, value_len) = (name.len().cast_signed(), value.len().cast_signed());
        // SAFETY: the list is ours; name and value are copied during the call.
        let added = unsafe {
            let (name, value) = (name.as_ptr().cast(), value.as_ptr().cast());
            rd_kafka_header_add(headers.as_ptr(), name, name_len, value, value_len)
        };
        match added {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(headers),
            _ => Err(none()),
        }
    }

    pub(super) fn as_ptr(&self) -> *mut rd_kafka_headers_t {
        self.0.as_ptr()
    }

    /// They belong to a record that is on its way.
    pub(super) fn give_away(self) {
        std::mem::forget(self);
    }
}

impl Drop for NativeHeaders {
    fn drop(&mut self) {
        // SAFETY: they are ours, for `give_away` never comes here.
        unsafe { rd_kafka_headers_destroy(self.0.as_ptr()) };
    }
}
