//! Small pieces of HTML. Everything that came from a file goes through [`escape`].

use std::fmt::Write;

/// Text that cannot become markup.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter if letter.is_control() && letter != '\n' => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A table of plain texts; the first cell of each row is its head.
pub(crate) fn table(class: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut html = format!("<table class=\"{class}\"><thead><tr>");
    for head in heads {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(head));
    }
    html.push_str("</tr></thead><tbody>");
    for row in rows {
        html.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
            let _ = match index {
                0 => write!(html, "<th scope=\"row\">{}</th>", escape(cell)),
                _ => write!(html, "<td>{}</td>", escape(cell)),
            };
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table>\n");
    html
}

/// A figure with its caption; `inside` is markup.
pub(crate) fn figure(inside: &str, caption: &str) -> String {
    format!("<figure>{inside}<figcaption>{}</figcaption></figure>\n", escape(caption))
}

/// The subset of Markdown that a card is written in: headings, lists, tables, paragraphs.
pub(crate) fn from_markdown(text: &str) -> String {
    let mut html = String::new();
    let lines: Vec<&str> = text.lines().collect();
    for block in lines.split(|line| line.trim().is_empty()).filter(|block| !block.is_empty()) {
        let first = block[0];
        if let Some(heading) = first.strip_prefix("## ") {
            let _ = writeln!(html, "<h4>{}</h4>", escape(heading));
        } else if let Some(heading) = first.strip_prefix("# ") {
            let _ = writeln!(html, "<h3>{}</h3>", escape(heading));
        } else if first.starts_with("- ") {
            let items =
                block.iter().map(|line| format!("<li>{}</li>", escape(line.trim_start_matches("- "))));
            let _ = writeln!(html, "<ul>{}</ul>", items.collect::<String>());
        } else if first.starts_with('|') {
            html.push_str(&markdown_table(block));
        } else {
            let _ = writeln!(html, "<p>{}</p>", escape(&block.join(" ").replace("**", "")));
        }
    }
    html
}

fn markdown_table(block: &[&str]) -> String {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let heads = cells(block[0]);
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> = block.iter().skip(2).map(|line| cells(line)).collect();
    table("card", &heads, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_a_file_becomes_markup() {
        let html =
            table("t", &["<b>"], &[vec!["<script>alert('x')</script>".to_owned(), "a&b\u{7}".to_owned()]]);
        assert!(!html.contains("<script>") && !html.contains("<b>") && html.contains("a&amp;b "));
        assert!(!from_markdown("# <img src=x>\n\n- <i>\n\n| <u> |\n| --- |\n| <s> |").contains("<i"));
    }
}
