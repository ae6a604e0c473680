//! The first straight line: accept → reserve → render → seal → inspect → record.

use super::access::Mandate;
use super::office::{Kind, Office, Seal};
use super::{check, clock};
use crate::cms::IssuerAndSerial;
use crate::crypto;
use crate::domain::{AcceptContext, Application, Instant, Particulars, Problem, VerificationCode};
use crate::ledger::{Entry, Intent, LedgerError, Outcome, Reserved, Sealed, Unfinished};
use crate::render::RenderError;
use crate::sign::{self, SealError, SealedPdf};
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
    /// It was not sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Our own verifier did not find it genuine. Nothing left the house.
    #[error("自检未通过({verdict:?}:{}),未放行 / failed inspection, nothing was released", .findings.join(", "))]
    Inspection {
        /// What it found instead.
        verdict: Verdict,
        /// Codes of its findings.
        findings: Vec<&'static str>,
    },
    /// No randomness for a verification code.
    #[error("没有随机数 / no randomness")]
    Random,
}

/// A sealed file that our own verifier found genuine. Only `inspect` makes one.
struct Inspected(SealedPdf);

impl Office {
    /// Issues one certificate.
    ///
    /// # Errors
    /// [`IssueError`]. After a reservation, an error of drawing or sealing voids it.
    pub fn issue(&self, mandate: &Mandate, request: Request<'_>) -> Result<Issued, IssueError> {
        let kind = self.kinds.get(request.slug).ok_or_else(|| IssueError::NoSuchType(request.slug.to_owned()))?;
        let at = clock::now();
        let context =
            AcceptContext { today: at.beijing_date(), demo: self.is_demo(), repertoire: &*self.fonts };
        let application = kind.template.kind().accept(request.application, &context).map_err(IssueError::Fields)?;
        let seal = self.seal_for(kind)?;
        let intent = self.intent(mandate, kind, &application, seal, &request, at)?;
        let reserved = match self.ledger.reserve(intent)? {
            Outcome::Fresh(reserved) => reserved,
            Outcome::Replay(entry) => return self.replayed(*entry),
        };
        let sealed = self.produce(kind, seal, &application, &reserved);
        let sealed = match sealed {
            Ok(sealed) => sealed,
            Err(why) => {
                self.ledger.void(reserved, &why.to_string(), clock::now())?;
                return Err(why);
            }
        };
        let entry = self.put_on_record(reserved, &sealed)?;
        Ok(Issued { entry, pdf: sealed.0.bytes().to_vec(), replayed: false })
    }

    /// Finishes what a crash interrupted: each open reservation is issued, or voided with its reason.
    ///
    /// # Errors
    /// The ledger failed; the reservations stay open.
    pub fn recover(&self) -> Result<Vec<String>, IssueError> {
        let mut said = Vec::new();
        for open in self.ledger.unfinished()? {
            let number = open.reserved.number.clone();
            match self.finish(&open) {
                Ok(sealed) => {
                    self.put_on_record(open.reserved, &sealed)?;
                    said.push(format!("{number}: 已补办 finished"));
                }
                Err(why) => {
                    self.ledger.void(open.reserved, &why, clock::now())?;
                    said.push(format!("{number}: 已作废 void: {why}"));
                }
            }
        }
        Ok(said)
    }

    fn finish(&self, open: &Unfinished) -> Result<Inspected, String> {
        let kind = self.kinds.get(&open.slug).ok_or("type no longer exists")?;
        if kind.digest != open.template_digest {
            return Err("type or layout changed since the reservation".to_owned());
        }
        let raw = serde_json::from_str(&open.application).map_err(|_| "application unreadable")?;
        let today = open.reserved.at.beijing_date();
        let context = AcceptContext { today, demo: self.is_demo(), repertoire: &*self.fonts };
        let application = kind.template.kind().accept(&raw, &context).map_err(|_| "application no longer accepted")?;
        let seal = self.seal_for(kind).map_err(|e| e.to_string())?;
        self.produce(kind, seal, &application, &open.reserved).map_err(|e| e.to_string())
    }

    fn seal_for(&self, kind: &Kind) -> Result<&Seal, IssueError> {
        let role = kind.template.kind().seal_role();
        self.seals.get(role).ok_or_else(|| IssueError::NoSeal(role.to_owned()))
    }

    fn intent(
        &self,
        mandate: &Mandate,
        kind: &Kind,
        application: &Application,
        seal: &Seal,
        request: &Request<'_>,
        at: Instant,
    ) -> Result<Intent, IssueError> {
        let (kind_type, issuer) = (kind.template.kind().clone(), self.config.issuer().clone());
        let year = at.beijing_date().year();
        let code = || Some(VerificationCode::from_random(crypto::random()?).to_string());
        let codes = [code(), code(), code()].into_iter().collect::<Option<Vec<_>>>().ok_or(IssueError::Random)?;
        let mut matter: Vec<String> = application.holders().into_iter().map(|h| h.code).collect();
        matter.push(application.matter());
        Ok(Intent {
            slug: request.slug.to_owned(),
            type_version: kind_type.version(),
            template_digest: kind.digest,
            year,
            naming: Box::new(move |serial| {
                (kind_type.number(&issuer, year, serial), kind_type.identifier(&issuer, year, serial))
            }),
            codes,
            application: application.to_json().to_string(),
            matter,
            confirmed: request.confirm_duplicate,
            valid_until: application.valid_until(at.beijing_date()).map(|d| d.to_string()),
            key_fingerprint: seal.certificate.fingerprint(),
            operator: mandate.operator().to_owned(),
            authority: mandate.authority().to_owned(),
            idempotency_key: request.idempotency_key.clone(),
            at,
        })
    }

    /// render → seal → inspect.
    fn produce(
        &self,
        kind: &Kind,
        seal: &Seal,
        application: &Application,
        reserved: &Reserved,
    ) -> Result<Inspected, IssueError> {
        let particulars = Particulars {
            number: reserved.number.clone(),
            identifier: reserved.identifier.clone(),
            code: reserved.code.clone(),
            verify_url: self.config.verify_url(&reserved.code),
            issued_at: reserved.at,
            issuer: self.config.issuer().clone(),
            valid_until: application.valid_until(reserved.at.beijing_date()),
            specimen: self.is_demo(),
        };
        let page = kind.template.render(application, &particulars, &seal.field)?;
        let name = IssuerAndSerial { issuer: seal.certificate.issuer_raw(), serial: seal.certificate.serial() };
        let sealed = sign::seal(page, &seal.key, &name)?;
        self.inspect(sealed, &particulars)
    }

    /// Our own verifier reads what was just sealed, as the ledger will record it.
    fn inspect(&self, sealed: SealedPdf, particulars: &Particulars) -> Result<Inspected, IssueError> {
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

    fn put_on_record(&self, reserved: Reserved, sealed: &Inspected) -> Result<Entry, IssueError> {
        let Inspected(sealed) = sealed;
        let row = Sealed {
            pdf: sealed.bytes(),
            covered_digest: sealed.covered_digest(),
            signature_digest: sealed.signature_digest(),
        };
        Ok(self.ledger.record(reserved, &row, clock::now())?)
    }

    fn replayed(&self, entry: Entry) -> Result<Issued, IssueError> {
        let address = entry.document.ok_or(LedgerError::Closed)?;
        let pdf = self.ledger.document(&address)?.ok_or(LedgerError::Sealed)?;
        Ok(Issued { entry, pdf, replayed: true })
    }
}
