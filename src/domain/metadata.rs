//! 证照元数据: what GB/T 36903-2018 wants inside the file, under the pinyin keys deployed systems use.
//!
//! Seal name and seal time (ZZQZMC, ZZQZSJ) are not here: this room does not know the seal.

use super::{Application, CertificateType, Particulars, dates};

/// Separator of several holders in one item.
const SEVERAL: &str = "^";

/// Key and value of every metadata item that has a value, standard items first, then the type's own as `KZ_…`.
/// Days are written `2026-03-17`; an open end of validity is 长期; several values of one key are joined by `^`.
#[must_use]
pub fn metadata_pairs(
    certificate_type: &CertificateType,
    application: &Application,
    particulars: &Particulars,
) -> Vec<(String, String)> {
    let issuer = &particulars.issuer;
    let issued = particulars.issued_at.beijing_date();
    let holders = application.holders();
    let each = |part: fn(&super::Holder) -> &str| holders.iter().map(part).collect::<Vec<_>>().join(SEVERAL);
    let pairs = [
        ("ZZMC", certificate_type.name().zh.clone()),
        ("ZZLXDM", certificate_type.full_type_code(issuer)),
        ("ZZBH", particulars.number.clone()),
        ("ZZBS", particulars.identifier.clone()),
        ("ZZBFJG", issuer.name.zh.clone()),
        ("ZZBFJGDM", issuer.uscc.clone()),
        ("ZZBFRQ", dates::iso(issued)),
        ("CZZT", each(|holder| &holder.name)),
        ("CZZTDM", each(|holder| &holder.code)),
        ("CZZTDMLX", each(|holder| holder.code_type_name())),
        ("CZZTDMLXDM", each(|holder| holder.code_type)),
        ("ZZYXQQSRQ", dates::iso(application.valid_from(issued))),
        ("ZZYXQJZRQ", particulars.valid_until.map_or_else(|| "长期".to_owned(), dates::iso)),
        ("CJSJ", particulars.issued_at.rfc3339()),
    ];
    let mut pairs: Vec<(String, String)> =
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    pairs.extend(own_items(certificate_type, application));
    pairs
}

fn own_items(certificate_type: &CertificateType, application: &Application) -> Vec<(String, String)> {
    let printed = application.printed();
    let mut items = Vec::new();
    certificate_type.walk(|pattern, field| {
        let Some(key) = &field.key else { return };
        let values: Vec<&str> =
            printed.iter().filter(|(path, _)| fits(pattern, path)).map(|(_, value)| value.as_str()).collect();
        if !values.is_empty() {
            items.push((format!("KZ_{key}"), values.join(SEVERAL)));
        }
    });
    items
}

/// Whether a concrete path is one that the pattern stands for.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (pattern.split('.'), path.split('.'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some("*"), Some(index)) if index.bytes().all(|b| b.is_ascii_digit()) => {}
            (Some(a), Some(b)) if a == b => {}
            _ => return false,
        }
    }
}
