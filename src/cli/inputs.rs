//! Applications as people bring them: one JSON file, a folder of them, JSON lines, or CSV.
//!
//! Bulk input is read line by line, never as a whole, so that a hundred thousand rows need no more
//! memory than one. A line that cannot be read is a result of its own and does not stop the rest.

use serde_json::{Map, Value};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Largest single application in bytes: a photo of 1 MiB in base64, and room.
const LARGEST: u64 = 4 << 20;

/// One application and where it came from.
#[derive(Debug)]
pub(crate) struct Input {
    /// File name, or file name and line, as `batch.csv:17`.
    pub(crate) origin: String,
    /// The application, or why it cannot be read.
    pub(crate) application: Result<Value, String>,
}

/// Applications one after the other, and how many there are if that is cheap to know.
pub(crate) struct Inputs {
    /// One application (a result is a file), or many (a result is a list).
    pub(crate) many: bool,
    /// Number of applications, when known.
    pub(crate) count: Option<u64>,
    /// The applications.
    pub(crate) each: Box<dyn Iterator<Item = Input> + Send>,
}

/// Opens `path`; `schema` tells which CSV columns are numbers.
///
/// # Errors
/// In words: what cannot be opened and what to give instead.
pub(crate) fn open(path: &Path, schema: Value) -> Result<Inputs, String> {
    if path == Path::new("-") {
        return Ok(single("-".to_owned(), read_limited(std::io::stdin())));
    }
    if path.is_dir() {
        return folder(path);
    }
    let origin = path.display().to_string();
    let file = open_file(path)?;
    match path.extension().and_then(|e| e.to_str()) {
        Some("json") => Ok(single(origin, read_limited(file))),
        Some("jsonl" | "ndjson") => Ok(lines(origin, path, file)?),
        Some("csv") => table(origin, path, file, schema),
        _ => Err(format!(
            "{origin}:只认识 .json、.jsonl、.csv 和目录 / only .json, .jsonl, .csv and folders are understood"
        )),
    }
}

fn single(origin: String, text: Result<String, String>) -> Inputs {
    let application = text.and_then(|text| parse(&text));
    Inputs { many: false, count: Some(1), each: Box::new(std::iter::once(Input { origin, application })) }
}

fn folder(path: &Path) -> Result<Inputs, String> {
    let entries = std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(format!("{}:目录里没有 .json 文件 / no .json file in this folder", path.display()));
    }
    let count = u64::try_from(files.len()).ok();
    let each = files.into_iter().map(|file| Input {
        origin: file.display().to_string(),
        application: open_file(&file).and_then(read_limited).and_then(|text| parse(&text)),
    });
    Ok(Inputs { many: true, count, each: Box::new(each) })
}

fn lines(origin: String, path: &Path, file: File) -> Result<Inputs, String> {
    let count = count_lines(path)?;
    let mut reader = BufReader::new(file);
    let mut number = 0_u64;
    let each = std::iter::from_fn(move || {
        loop {
            let mut line = Vec::new();
            let read = reader.by_ref().take(LARGEST).read_until(b'\n', &mut line);
            number += 1;
            let origin = format!("{origin}:{number}");
            match read {
                Ok(0) => return None,
                Err(e) => return Some(Input { origin, application: Err(e.to_string()) }),
                Ok(_) if line.iter().all(u8::is_ascii_whitespace) => {}
                Ok(_) => {
                    let text = String::from_utf8(line).map_err(|_| not_utf8());
                    return Some(Input { origin, application: text.and_then(|t| parse(&t)) });
                }
            }
        }
    });
    Ok(Inputs { many: true, count: Some(count), each: Box::new(each) })
}

fn table(origin: String, path: &Path, file: File, schema: Value) -> Result<Inputs, String> {
    let count = count_lines(path)?.saturating_sub(1);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(BufReader::new(file));
    let heads = reader.headers().map_err(|e| format!("{origin}: {e}"))?.clone();
    // Excel writes a byte-order mark; it is not part of the first column's name.
    let heads: Vec<String> = heads.iter().map(|h| h.trim_start_matches('\u{feff}').to_owned()).collect();
    let mut records = reader.into_records();
    let mut row = 1_u64;
    let each = std::iter::from_fn(move || {
        let record = records.next()?;
        row += 1;
        let application = record.map_err(|e| e.to_string()).map(|record| {
            let mut root = Value::Object(Map::new());
            for (head, cell) in heads.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty()) {
                let path: Vec<&str> = head.split('.').collect();
                place(&mut root, &path, typed(&schema, &path, cell));
            }
            root
        });
        Some(Input { origin: format!("{origin}:{row}"), application })
    });
    Ok(Inputs { many: true, count: Some(count), each: Box::new(each) })
}

/// Puts `leaf` at a dotted path, making objects, and arrays for numeric steps.
fn place(node: &mut Value, path: &[&str], leaf: Value) {
    let Some((step, rest)) = path.split_first() else {
        *node = leaf;
        return;
    };
    if let Ok(at) = step.parse::<usize>()
        && at < 64
    {
        if !node.is_array() {
            *node = Value::Array(Vec::new());
        }
        if let Value::Array(items) = node {
            while items.len() <= at {
                items.push(Value::Object(Map::new()));
            }
            place(&mut items[at], rest, leaf);
        }
        return;
    }
    if !node.is_object() {
        *node = Value::Object(Map::new());
    }
    if let Value::Object(members) = node {
        place(members.entry((*step).to_owned()).or_insert(Value::Null), rest, leaf);
    }
}

/// A CSV cell is text; the type's schema says where a number is meant.
fn typed(schema: &Value, path: &[&str], cell: &str) -> Value {
    let mut node = schema;
    for step in path {
        node = if step.parse::<usize>().is_ok() { &node["items"] } else { &node["properties"][*step] };
    }
    let numeric = matches!(node["type"].as_str(), Some("integer" | "number"));
    let number = if numeric { serde_json::from_str::<serde_json::Number>(cell).ok() } else { None };
    number.map_or_else(|| Value::String(cell.to_owned()), Value::Number)
}

fn count_lines(path: &Path) -> Result<u64, String> {
    let mut reader = BufReader::with_capacity(1 << 16, open_file(path)?);
    let mut count = 0;
    loop {
        let part = reader.fill_buf().map_err(|e| format!("{}: {e}", path.display()))?;
        if part.is_empty() {
            return Ok(count);
        }
        count += part.iter().map(|b| u64::from(*b == b'\n')).sum::<u64>();
        let used = part.len();
        reader.consume(used);
    }
}

#[expect(clippy::disallowed_methods, reason = "the command line reads what the user names")]
fn open_file(path: &Path) -> Result<File, String> {
    File::open(path).map_err(|e| format!("打不开 {} / cannot open: {e}", path.display()))
}

fn read_limited(from: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err(format!("申请超过 {LARGEST} 字节 / an application is at most {LARGEST} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| not_utf8())
}

fn parse(text: &str) -> Result<Value, String> {
    // Names are personal: the parser's words give line and column only.
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| {
        format!(
            "不是有效的 JSON(第 {} 行第 {} 列)/ not valid JSON at line {}, column {}",
            e.line(),
            e.column(),
            e.line(),
            e.column()
        )
    })
}

fn not_utf8() -> String {
    "须为 UTF-8 编码 / must be UTF-8 (in Excel: “CSV UTF-8”)".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dotted_columns_become_nested_members() {
        let mut root = Value::Object(Map::new());
        place(&mut root, &["adopters", "1", "name"], json!("乙"));
        place(&mut root, &["adopters", "0", "name"], json!("甲"));
        place(&mut root, &["kind"], json!("x"));
        assert_eq!(root, json!({"adopters": [{"name": "甲"}, {"name": "乙"}], "kind": "x"}));
    }

    #[test]
    fn cells_are_numbers_only_where_the_schema_says_so() {
        let schema = json!({"properties": {"beds": {"type": "integer"}, "code": {"type": "string"}}});
        assert_eq!(typed(&schema, &["beds"], "12"), json!(12));
        assert_eq!(typed(&schema, &["beds"], "twelve"), json!("twelve"));
        assert_eq!(typed(&schema, &["code"], "12"), json!("12"));
    }

    #[test]
    fn a_huge_index_makes_no_huge_list() {
        let mut root = Value::Object(Map::new());
        place(&mut root, &["list", "999999999", "x"], json!("y"));
        assert!(root["list"].is_object(), "refused later as an unknown member");
    }
}
