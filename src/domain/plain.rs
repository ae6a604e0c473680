//! Strangers' words, made fit to be shown: nothing that steers a screen, breaks XML or hides what it says.

use super::text;

/// The text without control characters, without what turns the reading direction or shows as nothing, white space as
/// single spaces, and not longer than `most` characters; what was cut off is marked.
#[must_use]
pub fn plain(text: &str, most: usize) -> String {
    let mut kept = String::new();
    let (mut count, mut blank) = (0_usize, false);
    for c in text.chars() {
        if c.is_whitespace() {
            blank = !kept.is_empty();
            continue;
        }
        if !is_plain(c) {
            continue;
        }
        let wanted = 1 + usize::from(blank);
        if count + wanted > most {
            kept.push('…');
            return kept;
        }
        if blank {
            kept.push(' ');
        }
        kept.push(c);
        count += wanted;
        blank = false;
    }
    kept
}

/// True for what may be shown: no control character, nothing that breaks a line, turns the reading direction or shows as
/// nothing, nothing that XML 1.0 §2.2 forbids.
#[must_use]
pub fn is_plain(c: char) -> bool {
    let hidden = text::is_bidi_control(c) || text::is_variation_selector(c) || text::is_invisible(c);
    !(c.is_control() || text::is_line_break(c) || hidden || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn strangers_do_not_steer_the_screen() {
        assert_eq!(plain("a\u{1b}[2J\u{202e}b\u{0}\r\n\tc", 99), "a[2Jb c");
        assert_eq!(plain("\u{200b} \u{2066}一\u{2069}\u{ffff}\u{fffe}", 99), "一");
        assert_eq!(plain("一二三四", 3), "一二三…");
        assert_eq!(plain("一二三", 3), "一二三");
        assert_eq!(plain("a b c", 3), "a b…");
    }
}
