//! 免于提交: given a person, a matter and a type, may the paper be left at home? On record before the answer leaves.
//!
//! What is not there, what the caller may not ask for, and what is of another type are answered alike: not exempt, with
//! one and the same reason. Only the record knows the difference.

use super::access::{Mandate, Right};
use super::clock;
use super::office::Office;
use crate::crypto;
use crate::domain::{Bilingual, CertificateType, Holder, Instant, Status};
use crate::ledger::{Entry, LedgerError, Use};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A look-up as a counter sends it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LookUp {
    /// Whom it is about.
    pub subject: Subject,
    /// Type asked for, by slug.
    pub certificate_type: String,
    /// 事项编码.
    pub item_code: String,
    /// 办件编号.
    pub case_number: String,
    /// Person at the counter.
    pub operator: String,
    /// Law on which the look-up rests; this or `consent`.
    #[serde(default)]
    pub legal_basis: Option<String>,
    /// Reference of the holder's consent; this or `legal_basis`.
    #[serde(default)]
    pub consent: Option<String>,
    /// 用途.
    pub purpose: String,
    /// Top-level fields wanted of the certificate.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// Whom a look-up is about: all three must fit.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// `uscc`, `citizen_id`, … as in applications.
    pub document: String,
    /// Its number.
    pub number: String,
    /// Name of the holder.
    pub name: String,
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subject(elided)")
    }
}

/// The answer to a look-up.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// Receipt number of the record of this look-up.
    pub receipt: String,
    /// When, RFC 3339.
    pub looked_up_at: String,
    /// Whether the paper need not be handed in.
    pub exempt: bool,
    /// Why not, or that it is so.
    pub reason: &'static str,
    /// The same in words.
    pub words: Bilingual,
    /// The certificate, when exempt, and when it is known but not in force.
    pub certificate: Option<Found>,
}

/// A certificate as a look-up shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// 证照标识.
    pub identifier: String,
    /// 证照编号.
    pub number: String,
    /// Status now.
    pub status: Status,
    /// Issued on, RFC 3339.
    pub issued_at: String,
    /// Last day of validity; absent for 长期.
    pub valid_until: Option<String>,
    /// The fields that were wanted and may be handed out.
    pub fields: Json,
}

/// Why a look-up was not answered.
#[derive(Debug, thiserror::Error)]
pub enum LookUpError {
    /// A member is missing or too long.
    #[error("{0} 缺失或过长 / {0} is missing or too long")]
    Member(&'static str),
    /// Neither a law nor a consent.
    #[error("须写明法律依据或同意凭证之一 / give a legal basis or a consent")]
    Ground,
    /// A member that stands on record in the open holds the number or the name asked for.
    #[error("{0} 不得含有所查对象的号码或姓名 / {0} must not hold the number or the name of the subject")]
    Personal(&'static str),
    /// The role may not look up at all.
    #[error("密钥无权查询 / the key may not look up")]
    Role,
    /// The record could not be written: nothing is answered.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No randomness for a receipt.
    #[error("没有随机数 / no randomness")]
    Random,
}

/// Longest free text, in characters.
const LONGEST: usize = 200;

impl LookUp {
    fn check(&self) -> Result<(), LookUpError> {
        let members = [
            ("subject.number", &self.subject.number),
            ("subject.name", &self.subject.name),
            ("certificate_type", &self.certificate_type),
            ("item_code", &self.item_code),
            ("case_number", &self.case_number),
            ("operator", &self.operator),
            ("purpose", &self.purpose),
        ];
        let sound = |text: &str| !text.trim().is_empty() && text.chars().count() <= LONGEST;
        if let Some((name, _)) = members.into_iter().find(|(_, text)| !sound(text)) {
            return Err(LookUpError::Member(name));
        }
        // These stand on record unsealed.
        let open = [("item_code", &self.item_code), ("case_number", &self.case_number)];
        let told = |text: &str| {
            let holds = |value: &str, least| value.chars().count() >= least && text.contains(value);
            holds(self.subject.number.trim(), 6) || holds(self.subject.name.trim(), 2)
        };
        if let Some((name, _)) = open.into_iter().find(|(_, text)| told(text)) {
            return Err(LookUpError::Personal(name));
        }
        let grounds = [&self.legal_basis, &self.consent];
        if !grounds.into_iter().flatten().any(|ground| sound(ground)) {
            return Err(LookUpError::Ground);
        }
        if self.fields.len() > 64 || self.fields.iter().any(|field| field.chars().count() > LONGEST) {
            return Err(LookUpError::Member("fields"));
        }
        Ok(())
    }
}

impl Office {
    /// Answers a look-up, and puts it on record first.
    ///
    /// # Errors
    /// [`LookUpError`]; nothing is told then.
    pub fn look_up(&self, mandate: &Mandate, asked: &LookUp) -> Result<Answer, LookUpError> {
        asked.check()?;
        if !mandate.covers(Right::LookUp, None) {
            return Err(LookUpError::Role);
        }
        let now = clock::now();
        let kind = self.type_of(&asked.certificate_type);
        let covered = kind.is_some_and(|kind| mandate.covers(Right::LookUp, Some(kind)))
            && mandate.covers_item(&asked.item_code);
        let holder = Holder::named(&asked.subject.document, &asked.subject.number, &asked.subject.name);
        let known = holder.is_some();
        let nobody = || Holder { name: String::new(), code: String::new(), code_type: "" };
        let holder = holder.unwrap_or_else(nobody);
        let may_tell = covered && known;
        let receipt = receipt(now).ok_or(LookUpError::Random)?;
        let used = Use {
            receipt: receipt.clone(),
            at: now,
            caller: mandate.authority().to_owned(),
            organisation: mandate.organisation().to_owned(),
            operator: asked.operator.clone(),
            // What is no type's name does not stand in the open: it may be anything.
            slug: kind.map_or("unknown", CertificateType::slug).to_owned(),
            item: asked.item_code.clone(),
            case_number: asked.case_number.clone(),
            request: serde_json::to_string(asked).unwrap_or_default(),
        };
        let held = self.ledger.look_up(&holder, may_tell, used)?;
        let found = kind.zip(held).map(|(kind, held)| {
            let fields = kind.handed_out(&held.application, &asked.fields);
            shown(&held.entry, held.status, fields)
        });
        Ok(answer(receipt, now.rfc3339(), found))
    }
}

/// 16 bytes in hexadecimal: six of the milliseconds since 1970, so that the ledger's index grows at its end, then 80
/// random bits.
fn receipt(now: Instant) -> Option<String> {
    let random: [u8; 10] = crypto::random()?;
    Some(format!("{:012x}{}", now.millis().unsigned_abs() & 0xffff_ffff_ffff, hex::encode(random)))
}

fn shown(entry: &Entry, status: Status, fields: Json) -> Found {
    Found {
        identifier: entry.identifier.clone(),
        number: entry.number.clone(),
        status,
        issued_at: entry.reserved_at.rfc3339(),
        valid_until: entry.valid_until.clone(),
        fields,
    }
}

fn answer(receipt: String, looked_up_at: String, found: Option<Found>) -> Answer {
    let (exempt, reason, words) = match &found {
        Some(found) if found.status == Status::InForce => {
            (true, "exempt", Bilingual::new("免于提交:证照有效", "exempt: the certificate is in force"))
        }
        Some(found) => {
            let name = found.status.name();
            let (zh, en) = (format!("须提交:证照{}", name.zh), format!("not exempt: {}", name.en));
            (false, "not_in_force", Bilingual::new(zh, en))
        }
        None => (
            false,
            "no_certificate",
            Bilingual::new("须提交:没有可用的证照", "not exempt: no usable certificate"),
        ),
    };
    Answer { receipt, looked_up_at, exempt, reason, words, certificate: found }
}
