//! Client certificates: what is read has a thumbprint, and vouches for nobody without a root.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_base::Timestamp;
use placet_jose::{Certificate, SubjectName};

fuzz_target!(|text: &str| {
    if let Some(certificate) = Certificate::parse(text) {
        assert_eq!(certificate.thumbprint().len(), 43);
        assert!(!certificate.is_vouched_for(&[], &[], Timestamp(0)));
        for name in [SubjectName::Dn("CN=a"), SubjectName::Dns("a"), SubjectName::Ip("192.0.2.1")] {
            let _ = certificate.carries(&name);
        }
    }
});
