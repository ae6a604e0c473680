//! What a demonstration with open doors tells people to try: addresses, keys, and command lines that work as pasted.

use super::output::Output;
use super::{mandate, write};
use crate::service::Office;
use crate::service::access::{AccessError, KeyWish, Role};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A certificate of the demonstration.
pub(super) struct Made {
    pub(super) slug: String,
    pub(super) identifier: String,
    pub(super) code: String,
    pub(super) file: PathBuf,
    pub(super) application: Value,
}

/// The type the lines talk of: a unit's paper, nothing personal in it.
const TYPE: &str = "elder-care-filing-receipt";

/// Demonstration keys live this long.
const DAYS: u16 = 30;

/// Makes the keys, writes the two requests, and says what to try.
pub(super) fn invite(
    output: Output,
    office: &Office,
    state: &Path,
    made: &[Made],
    base: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let keys = keys(office)?;
    let shown =
        made.iter().find(|made| made.slug == TYPE).or(made.first()).ok_or("没有证照 / no certificates")?;
    let (issue, look_up) = requests(shown);
    let places = (state.join("request-issue.json"), state.join("request-lookup.json"));
    write(&places.0, format!("{issue:#}\n").as_bytes())?;
    write(&places.1, format!("{look_up:#}\n").as_bytes())?;
    let lines = lines(base, &keys, shown, (&places.0, &places.1));
    if output.json {
        let keys: serde_json::Map<String, Value> =
            keys.iter().map(|(role, key)| (role.word().to_owned(), json!(**key))).collect();
        let lines: serde_json::Map<String, Value> =
            lines.iter().map(|(name, _, line)| ((*name).to_owned(), json!(line))).collect();
        output.object(&json!({ "service": base, "keys": keys, "lines": lines }));
        return Ok(());
    }
    output.line(&format!(
        "\n服务 The service: {base}\n  核验文件 verify a file    {base}/verify\n  查核验码 check a code     {base}/check\n  \
         扫码所见 as scanned       {base}/v/{}\n  接口 the contract         {base}/openapi.yaml\n\n\
         演示密钥,只显示这一次,{DAYS} 天有效 demonstration keys, shown this once, good for {DAYS} days:",
        shown.code
    ));
    for (role, key) in &keys {
        output.line(&format!("  {}={}  # {}", role.word().to_uppercase(), **key, purpose(*role)));
    }
    output.line("\n照抄即可 As they stand:");
    for (_, words, line) in &lines {
        output.line(&format!("# {words}\n{line}"));
    }
    output.line("\n停止 stop: Ctrl-C");
    Ok(())
}

fn purpose(role: Role) -> &'static str {
    match role {
        Role::Issuer => "签发、变更状态、下载链接 issue, act, download links",
        Role::Counter => "免于提交查询 look-ups",
        Role::Auditor => "查询与授权记录 the records of look-ups and decisions",
        Role::Operator => "运维;接口上尚无专属操作 operations; no call of its own yet",
        Role::Stamper => "用印申请 asks for seals on documents",
        Role::Approver => "用印审批 grants what was asked for",
        Role::SealManager => "印章管理 the register of seals",
    }
}

/// One key of each role; every type is named, the secret ones too.
fn keys(office: &Office) -> Result<Vec<(Role, Zeroizing<String>)>, AccessError> {
    let slugs: Vec<String> = office.kinds().keys().cloned().collect();
    let make = |role: Role| {
        let wish = KeyWish {
            role,
            organisation: "示例窗口".to_owned(),
            label: "demo".to_owned(),
            slugs: Some(slugs.clone()),
            items: None,
            days: DAYS,
        };
        Ok((role, office.create_key(&mandate(), wish)?.1))
    };
    Role::ALL.into_iter().map(make).collect()
}

/// An application for another matter than the one issued, and a look-up that finds the one issued.
fn requests(shown: &Made) -> (Value, Value) {
    let mut application = shown.application.clone();
    application["address"] = "示例市示例区朝晖路 68 号".into();
    let look_up = json!({
        "subject": {
            "document": "uscc",
            "number": shown.application["uscc"],
            "name": shown.application["institution_name"],
        },
        "certificate_type": shown.slug, "item_code": "310-001", "case_number": "A-17", "operator": "窗口一",
        "legal_basis": "示例条例第一条", "purpose": "年度检查", "fields": ["address", "beds"],
    });
    (json!({ "type": shown.slug, "application": application }), look_up)
}

/// Name, words and command line of each thing to try.
fn lines(
    base: &str,
    keys: &[(Role, Zeroizing<String>)],
    shown: &Made,
    (issue, look_up): (&Path, &Path),
) -> [(&'static str, &'static str, String); 4] {
    let key = |role: Role| keys.iter().find(|(of, _)| *of == role).map_or("", |(_, key)| key.as_str());
    let (issuer, counter) = (key(Role::Issuer), key(Role::Counter));
    let (issue, look_up, file) = (quoted(issue), quoted(look_up), quoted(&shown.file));
    let (json, id) = ("-H 'Content-Type: application/json'", &shown.identifier);
    [
        (
            "issue",
            "签发 issue",
            format!(
                "curl -sS -X POST {base}/v1/certificates -H 'Authorization: Bearer {issuer}' -H 'Idempotency-Key: first' {json} -d @{issue}"
            ),
        ),
        (
            "lookup",
            "免于提交查询 look up",
            format!(
                "curl -sS -X POST {base}/v1/lookups -H 'Authorization: Bearer {counter}' {json} -d @{look_up}"
            ),
        ),
        (
            "verify",
            "核验文件 verify a file",
            format!(
                "curl -sS -X POST {base}/v1/verifications -H 'Content-Type: application/pdf' --data-binary @{file}"
            ),
        ),
        (
            "download",
            "一次性链接,取得 certificate.pdf a one-time link, used up for certificate.pdf",
            format!(
                "curl -sS -X POST {base}$(curl -sS -X POST {base}/v1/certificates/{id}/downloads -H 'Authorization: Bearer {issuer}' {json} -d '{{\"minutes\":60}}' | sed 's/.*\"link\":\"\\([^\"]*\\)\".*/\\1/') -o certificate.pdf"
            ),
        ),
    ]
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    if plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
