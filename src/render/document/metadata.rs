//! What the certificate says to machines: `metadata.json` (our own schema) and `metadata.xml` (GB/T 36903 keys).

use super::super::facts::Facts;
use super::xmp::{NAMESPACE, escaped};
use crate::domain::Sensitivity;
use serde_json::{Value, json};

/// One GB/T 36903 entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::render) struct Pair {
    /// Pinyin key, as `ZZMC`.
    pub(super) key: String,
    /// Its Chinese name.
    pub(super) name: String,
    /// The value as text.
    pub(super) value: String,
}

/// Chinese names of the standard's keys (GB/T 36903-2018).
const NAMES: [(&str, &str); 16] = [
    ("ZZMC", "证照名称"),
    ("ZZLXDM", "证照类型代码"),
    ("ZZBH", "证照编号"),
    ("ZZBS", "证照标识"),
    ("ZZBFJG", "证照颁发机构"),
    ("ZZBFJGDM", "证照颁发机构代码"),
    ("ZZBFRQ", "证照颁发日期"),
    ("CZZT", "持证主体"),
    ("CZZTDM", "持证主体代码"),
    ("CZZTDMLX", "持证主体代码类型"),
    ("CZZTDMLXDM", "持证主体代码类型代码"),
    ("ZZYXQQSRQ", "证照有效期起始日期"),
    ("ZZYXQJZRQ", "证照有效期截止日期"),
    ("CJSJ", "创建时间"),
    ("ZZQZSJ", "证照签章时间"),
    ("ZZQZMC", "证照签章名称"),
];

/// Prefixes of the keys of a type's own items, and of those about the holder.
const OWN_ITEMS: &str = "KZ_";
const HOLDER: &str = "CZZT";

/// The GB/T 36903 entries of a certificate; the domain knows all but the seal.
pub(super) fn pairs(facts: &Facts<'_>, seal_name: &str) -> Vec<Pair> {
    let mut entries = crate::domain::metadata_pairs(facts.kind, facts.application, facts.particulars);
    entries.push(("ZZQZSJ".to_owned(), facts.particulars.issued_at.rfc3339()));
    entries.push(("ZZQZMC".to_owned(), seal_name.to_owned()));
    let pair = |(key, value): (String, String)| {
        let name = NAMES.iter().find(|(known, _)| *known == key).map_or("扩展项", |(_, name)| *name);
        // Keys become element names; those of a type file are the author's.
        let key = key.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
        Pair { key, name: name.to_owned(), value }
    };
    entries.into_iter().map(pair).collect()
}

/// What of them is mirrored in XMP. Search engines and file managers read XMP unasked and copy it elsewhere, so for a
/// secret type it speaks of the certificate only: not of its holders, and none of the type's own items. The attached
/// metadata has them all.
pub(super) fn mirrored(facts: &Facts<'_>, mut pairs: Vec<Pair>) -> Vec<Pair> {
    if facts.kind.sensitivity() == Sensitivity::Secret {
        pairs.retain(|pair| !pair.key.starts_with(OWN_ITEMS) && !pair.key.starts_with(HOLDER));
    }
    pairs
}

/// The certificate as JSON, photos left out: they are on the page.
pub(super) fn json(facts: &Facts<'_>) -> String {
    let (kind, p) = (facts.kind, facts.particulars);
    let mut fields = facts.application.to_json();
    drop_photos(&mut fields, "", facts);
    json!({
        "schema": "yinzheng/1",
        "type": kind.slug(),
        "type_version": kind.version(),
        "type_code": kind.type_code(),
        "type_name": kind.name(),
        "identifier": p.identifier,
        "number": p.number,
        "code": p.code,
        "verify_url": p.verify_url,
        "issuer": p.issuer,
        "issued_at": p.issued_at.rfc3339(),
        "valid_until": p.valid_until.map(|day| day.to_string()),
        "specimen": p.specimen,
        "fields": fields,
    })
    .to_string()
}

fn drop_photos(value: &mut Value, path: &str, facts: &Facts<'_>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => {
            map.retain(|key, _| facts.photo(&below(key)).is_none());
            map.iter_mut().for_each(|(key, value)| drop_photos(value, &below(key), facts));
        }
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .for_each(|(i, value)| drop_photos(value, &below(&i.to_string()), facts)),
        _ => {}
    }
}

/// The GB/T 36903 entries as XML.
pub(super) fn xml(pairs: &[Pair]) -> String {
    let entries: String = pairs
        .iter()
        .map(|pair| {
            format!("  <{0} name=\"{1}\">{2}</{0}>\n", pair.key, escaped(&pair.name), escaped(&pair.value))
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata xmlns=\"{NAMESPACE}\" standard=\"GB/T 36903-2018\">\n{entries}</metadata>\n"
    )
}
