//! 字号: the number printed on a certificate, from the type's pattern, the issuer, the year and a serial.

use super::Issuer;

/// A parsed pattern such as `（{year}）{short}收字第{serial:05}号`.
#[derive(Debug)]
pub(super) struct NumberPattern(Vec<Part>);

#[derive(Debug)]
enum Part {
    Words(String),
    Year,
    Short,
    Region,
    Serial { width: usize },
}

impl NumberPattern {
    /// Reads a pattern. It needs `{year}` and `{serial}` once each: serials begin anew every year.
    pub(super) fn parse(pattern: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        for (words, placeholder) in super::statement::split_placeholders(pattern)? {
            if !words.is_empty() {
                parts.push(Part::Words(words));
            }
            let Some(placeholder) = placeholder else { continue };
            parts.push(match placeholder.as_str() {
                "year" => Part::Year,
                "short" => Part::Short,
                "region" => Part::Region,
                "serial" => Part::Serial { width: 1 },
                other => Part::Serial { width: serial_width(other)? },
            });
        }
        let count = |wanted: fn(&Part) -> bool| parts.iter().filter(|part| wanted(part)).count();
        if count(|part| matches!(part, Part::Serial { .. })) != 1
            || count(|part| matches!(part, Part::Year)) != 1
        {
            return Err("number needs {year} once and {serial} once".to_owned());
        }
        Ok(Self(parts))
    }

    pub(super) fn print(&self, issuer: &Issuer, year: i32, serial: u64) -> String {
        let print = |part: &Part| match part {
            Part::Words(words) => words.clone(),
            Part::Year => format!("{year:04}"),
            Part::Short => issuer.short_name.clone(),
            Part::Region => issuer.region.clone(),
            Part::Serial { width } => format!("{serial:0width$}"),
        };
        self.0.iter().map(print).collect()
    }
}

fn serial_width(placeholder: &str) -> Result<usize, String> {
    let width = placeholder.strip_prefix("serial:0").and_then(|digits| digits.parse().ok());
    width.filter(|width| (1..=12).contains(width)).ok_or_else(|| {
        format!("number has {{{placeholder}}}; known are year, short, region, serial, serial:01 … serial:012")
    })
}
