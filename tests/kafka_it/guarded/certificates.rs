//! Certificates for a day, by authorities of a test's own.

use std::fs;
use std::path::{Path, PathBuf};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder};

/// Who vouches for others.
pub struct Authority(Certified);

/// A certificate and its key.
pub struct Certified {
    certificate: X509,
    key: PKey<Private>,
}

/// The files of a [`Certified`].
pub struct Pems {
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Both in one, as Kafka wants its own.
    pub whole: PathBuf,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let key = key();
        let mut draft = draft(name, &self::name(name), &key);
        let is_authority = BasicConstraints::new().critical().ca().build().expect("an extension");
        draft.append_extension(is_authority).expect("a draft");
        draft.sign(&key, MessageDigest::sha256()).expect("a signature");
        Self(Certified { certificate: draft.build(), key })
    }

    /// Vouches for somebody on loopback.
    pub fn issue(&self, name: &str) -> Certified {
        let Self(own) = self;
        let key = key();
        let mut draft = draft(name, own.certificate.subject_name(), &key);
        let context = draft.x509v3_context(Some(&own.certificate), None);
        let mut addresses = SubjectAlternativeName::new();
        let addresses = addresses.ip("127.0.0.1").build(&context).expect("an extension");
        draft.append_extension(addresses).expect("a draft");
        draft.sign(&own.key, MessageDigest::sha256()).expect("a signature");
        Certified { certificate: draft.build(), key }
    }

    /// Writes the certificate that others must know.
    pub fn write(&self, folder: &Path, name: &str) {
        let pem = self.0.certificate.to_pem().expect("a certificate");
        fs::write(folder.join(format!("{name}.pem")), pem).expect("a file");
    }
}

impl Certified {
    pub fn write(&self, folder: &Path, name: &str) -> Pems {
        let file = |what: &str| folder.join(format!("{name}-{what}.pem"));
        let pems =
            Pems { certificate: file("certificate"), key: file("key"), whole: file("whole") };
        let certificate = self.certificate.to_pem().expect("a certificate");
        let key = self.key.private_key_to_pem_pkcs8().expect("a key");
        let files = [
            (&pems.certificate, certificate.clone()),
            (&pems.key, key.clone()),
            (&pems.whole, [key, certificate].concat()),
        ];
        files.into_iter().for_each(|(file, bytes)| fs::write(file, bytes).expect("a file"));
        pems
    }
}

fn key() -> PKey<Private> {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a curve");
    PKey::from_ec_key(EcKey::generate(&curve).expect("a key")).expect("a key")
}

fn name(name: &str) -> X509Name {
    let mut builder = X509NameBuilder::new().expect("a name");
    builder.append_entry_by_text("CN", name).expect("a name");
    builder.build()
}

/// A certificate without its extensions and its signature.
fn draft(of: &str, by: &openssl::x509::X509NameRef, key: &PKey<Private>) -> X509Builder {
    let mut draft = X509::builder().expect("a draft");
    let serial = BigNum::from_u32(1).and_then(|one| one.to_asn1_integer()).expect("a number");
    let (from, to) = (Asn1Time::days_from_now(0), Asn1Time::days_from_now(1));
    // X.509 counts its versions from 0.
    draft.set_version(2).expect("a draft");
    draft.set_serial_number(&serial).expect("a draft");
    draft.set_subject_name(&name(of)).expect("a draft");
    draft.set_issuer_name(by).expect("a draft");
    draft.set_pubkey(key).expect("a draft");
    draft.set_not_before(&from.expect("a time")).expect("a draft");
    draft.set_not_after(&to.expect("a time")).expect("a draft");
    draft
}
