//! The first straight line: accept → reserve → render → seal → inspect → record.
//!
//! [`Office::issue`] walks it for a fresh request, [`Office::recover`] for what was interrupted. A failure
//! after the reservation either voids it, with the reason on record, or leaves it open when the ledger
//! itself failed; then a retry under the same idempotency key, or the next recovery, finishes it.

use super::access::Mandate;
use super::office::{Kind, Office, Seal};
use super::{check, clock};
use crate::crypto;
use crate::domain::{AcceptContext, Application, Holder, Instant, Particulars, Problem, VerificationCode};
use crate::ledger::{Entry, Intent, LedgerError, Outcome, Reserved, Sealed, Unfinished};
use crate::pdf::UnsignedPdf;
use crate::render::RenderError;
use crate::sign::{SealError, SealedPdf};
use crate::verify::Verdict;

/// What a caller asks for.
pub struct Request<'a> {
    /// Type.
    pub slug: &'a str,
    /// The application as it came.
    pub application: &'a serde_json::Value,
    /// The caller's idempotency key.
    pub idempotency_key: Option<String>,
    /// A second certificate for the same matter is meant.
    pub confirm_duplicate: bool,
    /// Record of the certificate this one replaces.
    pub replaces: Option<u64>,
}

impl<'a> Request<'a> {
    /// A first certificate, asked for once and without a key.
    #[must_use]
    pub fn new(slug: &'a str, application: &'a serde_json::Value) -> Self {
        Self { slug, application, idempotency_key: None, confirm_duplicate: false, replaces: None }
    }
}

/// What was issued. The file is what the ledger holds.
pub struct Issued {
    /// The record.
    pub entry: Entry,
    /// The sealed file.
    pub pdf: Vec<u8>,
    /// True when an earlier answer was repeated.
    pub replayed: bool,
}

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// No such type.
    #[error("没有证照类型 {0}(见 template list)/ no certificate type {0}, see `template list`")]
    NoSuchType(String),
    /// The fields, all problems at once.
    #[error("申请有 {} 个问题 / the application has {} problems", .0.len(), .0.len())]
    Fields(Vec<Problem>),
    /// No seal is configured for the type's role.
    #[error("没有配置“{0}”印章 / no seal is configured for role {0}")]
    NoSeal(String),
    /// The ledger refused or failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It cannot be drawn. Its number is accounted for as void.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// It was not sealed. Its number is accounted for as void.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Our own verifier did not find it genuine. Nothing left the house; its number is void.
    #[error("自检未通过({verdict:?}:{}),未放行 / failed inspection, nothing was released", .findings.join(", "))]
    Inspection {
        /// What it found instead.
        verdict: Verdict,
        /// Codes of its findings.
        findings: Vec<&'static str>,
    },
    /// An interrupted reservation could not be finished. Its number is accounted for as void.
    #[error(
        "先前中断的预留无法补办,已作废:{0} / the interrupted reservation could not be finished and is void: {0}"
    )]
    Unfinishable(&'static str),
    /// The reservation is on record, its certificate is not: the ledger failed in between. It stays open.
    #[error(
        "编号 {number} 已预留,证照尚未入账;以同一防重键重交即可办完,否则下次启动时补办。{why} / {number} is reserved, its certificate is not on record; the same request under its idempotency key finishes it, or else the next start does"
    )]
    Interrupted {
        /// Its number.
        number: String,
        /// What the ledger said.
        why: LedgerError,
    },
    /// No randomness for a verification code.
    #[error("没有随机数 / no randomness")]
    Random,
}

/// An application that was accepted, with what the rest of the line needs.
pub(super) struct Accepted<'o> {
    kind: &'o Kind,
    seal: &'o Seal,
    application: Application,
    pub(super) at: Instant,
}

/// A sealed file that our own verifier found genuine. Only `inspect` makes one.
pub(super) struct Inspected(SealedPdf);

impl Office {
    /// Issues one certificate.
    ///
    /// # Errors
    /// [`IssueError`]. After a reservation, an error of drawing or sealing voids it.
    pub fn issue(&self, mandate: &Mandate, request: Request<'_>) -> Result<Issued, IssueError> {
        let accepted = self.accept(request.slug, request.application, clock::now())?;
        match self.reserve(mandate, &accepted, &request)? {
            Outcome::Fresh(reserved) => self.carry_out(&accepted, reserved),
            Outcome::Replay(entry) => self.replayed(*entry),
            Outcome::Resume(open) => self.resume(*open),
        }
    }

    /// Finishes what a crash or a failing disk interrupted: each reservation that nobody works on is issued,
    /// or voided with its reason. To be called at start, and again whenever the ledger had failed.
    ///
    /// # Errors
    /// The ledger failed; the reservations stay open.
    pub fn recover(&self) -> Result<Vec<String>, IssueError> {
        let mut said = Vec::new();
        for (seal, number) in self.ledger.void_orphaned_stampings(clock::now())? {
            said.push(format!("用印 stamping {seal} {number}: 已作废 void: interrupted"));
        }
        self.ledger.forget_brought(clock::now())?;
        self.register_seals()?;
        loop {
            let some = self.ledger.unfinished()?;
            if some.is_empty() {
                return Ok(said);
            }
            for open in some {
                let number = open.reserved.number.clone();
                said.push(match self.resume(open) {
                    Ok(_) => format!("{number}: 已补办 finished"),
                    Err(failure @ (IssueError::Ledger(_) | IssueError::Interrupted { .. })) => {
                        return Err(failure);
                    }
                    Err(why) => format!("{number}: 已作废 void: {why}"),
                });
            }
        }
    }

    fn resume(&self, open: Unfinished) -> Result<Issued, IssueError> {
        let accepted = match self.accept_again(&open) {
            Ok(accepted) => match self.seal_in_use(accepted.kind.template.kind().seal_role()) {
                Err(LedgerError::SealNotInUse { .. } | LedgerError::Order(_)) => {
                    Err("the seal is not in use")
                }
                other => other.map(|()| accepted).map(Ok)?,
            },
            Err(why) => Err(why),
        };
        match accepted {
            Ok(accepted) => self.carry_out(&accepted, open.reserved),
            Err(why) => {
                self.ledger.void(open.reserved, why, clock::now())?;
                Err(IssueError::Unfinishable(why))
            }
        }
    }

    /// The line after the reservation. What cannot be made is voided.
    fn carry_out(&self, accepted: &Accepted<'_>, reserved: Reserved) -> Result<Issued, IssueError> {
        let number = reserved.number.clone();
        let interrupted = |why| IssueError::Interrupted { number, why };
        match self.produce(accepted, &reserved) {
            Ok(inspected) => {
                let entry = self.record(reserved, &inspected).map_err(interrupted)?;
                Ok(Issued { entry, pdf: inspected.0.bytes().to_vec(), replayed: false })
            }
            Err(why) => {
                self.ledger.void(reserved, &why.to_string(), clock::now()).map_err(interrupted)?;
                Err(why)
            }
        }
    }

    fn produce(&self, accepted: &Accepted<'_>, reserved: &Reserved) -> Result<Inspected, IssueError> {
        let particulars = self.particulars(accepted, reserved);
        let page = accepted.render(&particulars)?;
        let sealed = accepted.press(page, reserved.at)?;
        self.inspect(sealed, &particulars)
    }

    pub(super) fn accept(
        &self,
        slug: &str,
        application: &serde_json::Value,
        at: Instant,
    ) -> Result<Accepted<'_>, IssueError> {
        let kind = self.kinds.get(slug).ok_or_else(|| IssueError::NoSuchType(slug.to_owned()))?;
        let context =
            AcceptContext { today: at.beijing_date(), demo: self.is_demo(), repertoire: &*self.fonts };
        let application = kind.template.kind().accept(application, &context).map_err(IssueError::Fields)?;
        let role = kind.template.kind().seal_role();
        let seal = self.seals.get(role).ok_or_else(|| IssueError::NoSeal(role.to_owned()))?;
        Ok(Accepted { kind, seal, application, at })
    }

    /// The same for a stored application, as of its day and only if its type is still what it was.
    fn accept_again(&self, open: &Unfinished) -> Result<Accepted<'_>, &'static str> {
        let kind = self.kinds.get(&open.slug).ok_or("type no longer exists")?;
        if kind.digest != open.template_digest {
            return Err("type or layout changed since the reservation");
        }
        let stored = open.application.as_deref().ok_or("application does not open")?;
        let raw = serde_json::from_str(stored).map_err(|_| "application unreadable")?;
        self.accept(&open.slug, &raw, open.reserved.at).map_err(|why| match why {
            IssueError::NoSeal(_) => "no seal is configured for its role",
            _ => "application no longer accepted",
        })
    }

    pub(super) fn reserve(
        &self,
        mandate: &Mandate,
        accepted: &Accepted<'_>,
        request: &Request<'_>,
    ) -> Result<Outcome, IssueError> {
        let Accepted { kind, seal, application, at } = accepted;
        let (kind_type, issuer) = (kind.template.kind().clone(), self.config.issuer().clone());
        let year = at.beijing_date().year();
        let code = || Some(VerificationCode::from_random(crypto::random()?).to_string());
        let codes =
            [code(), code(), code()].into_iter().collect::<Option<Vec<_>>>().ok_or(IssueError::Random)?;
        let mut matter: Vec<String> = application.holders().into_iter().map(|h| h.code).collect();
        matter.push(application.matter());
        Ok(self.ledger.reserve(Intent {
            slug: request.slug.to_owned(),
            seal: kind.template.kind().seal_role().to_owned(),
            type_version: kind_type.version(),
            template_digest: kind.digest,
            year,
            naming: Box::new(move |year, serial, version| {
                let number = kind_type.number(&issuer, year, serial);
                (number, kind_type.identifier(&issuer, year, serial, version))
            }),
            replaces: request.replaces,
            holders: application.holders(),
            codes,
            application: application.to_json().to_string(),
            matter,
            confirmed: request.confirm_duplicate,
            hourly_ceiling: self.config.hourly_ceiling(request.slug),
            valid_until: application.valid_until(at.beijing_date()).map(|d| d.to_string()),
            key_fingerprint: seal.certificate.fingerprint(),
            seal_filing: self.filing_digest(kind.template.kind().seal_role(), seal)?,
            operator: mandate.operator().to_owned(),
            authority: mandate.authority().to_owned(),
            idempotency_key: request.idempotency_key.clone(),
            at: *at,
        })?)
    }

    pub(super) fn particulars(&self, accepted: &Accepted<'_>, reserved: &Reserved) -> Particulars {
        Particulars {
            number: reserved.number.clone(),
            identifier: reserved.identifier.clone(),
            code: reserved.code.clone(),
            verify_url: self.config.verify_url(&reserved.code),
            issued_at: reserved.at,
            issuer: self.config.issuer().clone(),
            valid_until: accepted.application.valid_until(reserved.at.beijing_date()),
            specimen: self.is_demo(),
        }
    }

    /// Our own verifier reads what was just sealed, as the ledger will record it.
    pub(super) fn inspect(
        &self,
        sealed: SealedPdf,
        particulars: &Particulars,
    ) -> Result<Inspected, IssueError> {
        let judgement = check::as_recorded(self, sealed.bytes(), particulars);
        let ours = judgement
            .claim
            .as_ref()
            .is_some_and(|c| c.identifier == particulars.identifier && c.code == particulars.code);
        let genuine = matches!(judgement.verdict, Verdict::GenuineInForce | Verdict::GenuineNotInForce);
        if ours && genuine {
            return Ok(Inspected(sealed));
        }
        let of_signatures = judgement.signatures.iter().flat_map(|s| &s.findings);
        let findings = of_signatures.chain(&judgement.findings).map(crate::verify::Finding::code).collect();
        Err(IssueError::Inspection { verdict: judgement.verdict, findings })
    }

    pub(super) fn record(&self, reserved: Reserved, inspected: &Inspected) -> Result<Entry, LedgerError> {
        let Inspected(sealed) = inspected;
        let row = Sealed {
            pdf: sealed.bytes(),
            covered_digest: sealed.covered_digest(),
            signature_digest: sealed.signature_digest(),
        };
        self.ledger.record(reserved, &row, clock::now())
    }

    fn replayed(&self, entry: Entry) -> Result<Issued, IssueError> {
        let address = entry.document.ok_or(LedgerError::Closed)?;
        let pdf = self.ledger.document(&address)?.ok_or(LedgerError::Sealed)?;
        Ok(Issued { entry, pdf, replayed: true })
    }
}

impl Accepted<'_> {
    pub(super) fn holders(&self) -> Vec<Holder> {
        self.application.holders()
    }

    pub(super) fn render(&self, particulars: &Particulars) -> Result<UnsignedPdf, RenderError> {
        self.kind.template.render(&self.application, particulars, &self.seal.field)
    }

    pub(super) fn press(&self, page: UnsignedPdf, at: Instant) -> Result<SealedPdf, SealError> {
        self.seal.press(page, at)
    }
}
