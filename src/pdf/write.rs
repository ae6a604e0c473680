//! Values → PDF syntax (ISO 32000-1 §7.3). What was read and is written again means the same; it need not look the same.

use super::object::{Dict, Object, Reference};
use std::io::Write;

/// `N G obj` and a line end.
pub(super) fn begin(out: &mut Vec<u8>, reference: Reference) {
    let _ = writeln!(out, "{} {} obj", reference.number, reference.generation);
}

/// A value in PDF syntax (ISO 32000-1 §7.3); strings decrypted, in hexadecimal.
pub(super) fn write(out: &mut Vec<u8>, value: &Object) {
    // A vector takes everything.
    let _ = match value {
        Object::Null => out.write_all(b"null"),
        Object::Bool(value) => write!(out, "{value}"),
        Object::Integer(value) => write!(out, "{value}"),
        Object::Real(value) => write!(out, "{value}"),
        Object::Name(name) => {
            write_name(out, name);
            Ok(())
        }
        Object::Text(text) => write!(out, "<{}>", hex::encode(text.bytes())),
        Object::Array(items) => {
            out.push(b'[');
            for item in items {
                write(out, item);
                out.push(b' ');
            }
            out.write_all(b"]")
        }
        Object::Dict(dict) => {
            write_dict(out, dict);
            Ok(())
        }
        Object::Reference(reference) => write!(out, "{} {} R", reference.number, reference.generation),
    };
}

pub(super) fn write_dict(out: &mut Vec<u8>, dict: &Dict) {
    out.extend_from_slice(b"<<");
    for (key, value) in dict.iter() {
        write_name(out, key);
        out.push(b' ');
        write(out, value);
    }
    out.extend_from_slice(b">>");
}

fn write_name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'/');
    for byte in name {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+') {
            out.push(*byte);
        } else {
            let _ = write!(out, "#{byte:02X}");
        }
    }
}
