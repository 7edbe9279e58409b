//! What can go wrong between us and a store.

/// One thing that goes wrong, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// All is well; so that the others are known to be what a run fails of.
    Nothing,
    /// All is well over TLS.
    NothingOverTls,
    UnknownHost,
    Refused,
    /// The host takes no more connections and says nothing.
    FullBacklog,
    /// A request is read and never answered.
    Silence,
    /// One byte of the answer a second.
    SlowBody,
    /// The connection breaks in the middle of the body.
    CutBody,
    ExpiredCertificate,
    CertificateOfAnotherHost,
    SelfSignedCertificate,
    Status400,
    Status403,
    Status404,
    /// 429 that says to wait for a second, then an answer.
    LimitedForASecond,
    /// 429 without a time, then an answer.
    LimitedOnce,
    LimitedForEver,
    Status500Once,
    Status500,
    /// 503: the store is sealed, or out of service.
    OutOfService,
    /// What the credentials gave is taken back after the first read.
    ExpiredMidway,
    /// A batch is answered without one of its items.
    PartialBatch,
    MissingItem,
    MissingField,
    TruncatedJson,
    WrongType,
    Html,
    /// A body that doesn't end.
    EndlessBody,
    GzipBomb,
    /// To a host of someone else.
    Redirect,
    /// The store's clock is another, whatever is sent.
    ClockSkew,
    /// The store's clock is another, and it accepts what is signed with its own time.
    PassingClockSkew,
}

use Fault::*;

/// All of them.
pub const FAULTS: [Fault; 32] = [
    Nothing,
    NothingOverTls,
    UnknownHost,
    Refused,
    FullBacklog,
    Silence,
    SlowBody,
    CutBody,
    ExpiredCertificate,
    CertificateOfAnotherHost,
    SelfSignedCertificate,
    Status400,
    Status403,
    Status404,
    LimitedForASecond,
    LimitedOnce,
    LimitedForEver,
    Status500Once,
    Status500,
    OutOfService,
    ExpiredMidway,
    PartialBatch,
    MissingItem,
    MissingField,
    TruncatedJson,
    WrongType,
    Html,
    EndlessBody,
    GzipBomb,
    Redirect,
    ClockSkew,
    PassingClockSkew,
];

impl Fault {
    /// The certificate that the server shows, if it speaks TLS.
    pub fn certificate(self) -> Option<&'static str> {
        match self {
            NothingOverTls => Some("good"),
            ExpiredCertificate => Some("expired"),
            CertificateOfAnotherHost => Some("other"),
            SelfSignedCertificate => Some("itself"),
            _ => None,
        }
    }

    /// How many seconds the run is given: few where it is to run out of them. Connecting has a sixth of them.
    pub fn seconds(self) -> u32 {
        match self {
            FullBacklog => 9,
            Silence | SlowBody => 4,
            _ => 30,
        }
    }
}
