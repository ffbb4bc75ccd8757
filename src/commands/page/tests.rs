//! What a page may never do, and what every figure on it has.

use maud::html;

use super::*;

fn page(body: maud::Markup) -> String {
    Page { title: "A <title> & more", language: "en", lead: "of \"May\"", body }.html()
}

fn every_part() -> maud::Markup {
    let mut table = Table::new("by <reason>", &["reason", "messages", "share"]);
    table.push(["<b>withdrawn</b>".into(), 1_234_567.into(), Cell::Share { part: 1, whole: 3 }]);
    let bars = Bars {
        caption: "messages".to_owned(),
        tone: Tone::Bad,
        bars: vec![Bar { name: "<cafe>".to_owned(), value: 7, written: None }],
    };
    let points = [("00:00", 3), ("01:00", 0)].map(|(at, value)| Point { at: at.to_owned(), value });
    let series = Series {
        caption: "messages an hour".to_owned(),
        step: "hour".to_owned(),
        unit: "messages".to_owned(),
        tone: Tone::Plain,
        points: points.to_vec(),
    };
    let figure =
        Figure { value: "9".to_owned(), label: "<i>left</i>".to_owned(), tone: Tone::Good };
    html! { (Figures(vec![figure])) (table) (bars) (series) }
}

#[test]
fn no_text_becomes_markup() {
    let text = page(every_part());
    for markup in ["<title> & more", "<b>", "<i>", "<cafe>", "<reason>"] {
        assert!(!text.contains(markup), "{markup} stands in {text}");
    }
    assert!(
        text.contains("&lt;b&gt;withdrawn&lt;/b&gt;")
            && text.contains("A &lt;title&gt; &amp; more")
    );
}

#[test]
fn a_page_asks_for_nothing_from_outside_and_runs_nothing() {
    let text = page(every_part());
    for outside in ["http:", "https:", "src=", "href=", "<script", "url(", "@import", "<link"] {
        assert!(!text.contains(outside), "{outside} stands in the page");
    }
    assert!(text.contains("Content-Security-Policy"));
}

#[test]
fn whatever_is_drawn_is_also_written() {
    let text = page(every_part());
    assert!(text.contains(r#"<td class="number">7</td>"#), "the bar's figure");
    assert!(text.contains("At most 3 messages (00:00)."), "the series' greatest value");
    assert!(text.contains(r#"<th scope="row" class="text">01:00</th><td class="number">0</td>"#));
}

#[test]
fn tables_name_their_columns_and_rows_for_those_who_listen() {
    let text = page(every_part());
    assert!(text.contains(r#"<html lang="en">"#) && text.contains("<figcaption>by &lt;reason&gt;"));
    assert!(text.contains(r#"<th scope="col" class="number">messages</th>"#));
}

#[test]
fn the_same_figures_are_plain_digits_in_csv() {
    let mut table = Table::new("c", &["business", "messages", "share"]);
    table.push(["a, \"b\"".into(), 1_234_567.into(), Cell::Share { part: 1, whole: 3 }]);
    table.push(["none".into(), 0.into(), Cell::Share { part: 0, whole: 0 }]);
    let mut csv = Vec::new();
    table.write_csv(&mut csv).unwrap();
    let text = String::from_utf8(csv).unwrap();
    assert_eq!(text, "business,messages,share\n\"a, \"\"b\"\"\",1234567,0.333333\nnone,0,\n");
}

#[test]
fn what_begins_as_a_formula_is_none_in_a_spreadsheet() {
    let mut table = Table::new("c", &["name"]);
    table.push(["=HYPERLINK(1)".into()]);
    let mut csv = Vec::new();
    table.write_csv(&mut csv).unwrap();
    assert_eq!(String::from_utf8(csv).unwrap(), "name\n'=HYPERLINK(1)\n");
}

#[test]
fn a_part_without_rows_says_so() {
    let table = Table::new("slips", &["topic"]);
    let bars = Bars { caption: "c".to_owned(), tone: Tone::Plain, bars: Vec::new() };
    let text = page(html! { (table) (bars) });
    assert_eq!(text.matches("None.").count(), 2);
}

#[test]
fn a_share_is_none_or_all_only_where_it_is_so() {
    let shown = [(0, 9), (1, 1_000_000), (1, 3), (999_999, 1_000_000), (3, 3), (0, 0)]
        .map(|(part, whole)| percent(part, whole));
    assert_eq!(shown, ["0 %", "< 0.01 %", "33.33 %", "99.99 %", "100 %", "-"]);
    assert_eq!([0, 999, 1000, 12_345_678].map(grouped), ["0", "999", "1,000", "12,345,678"]);
}

#[test]
fn what_is_there_at_all_is_seen() {
    let bar = |value| Bar { name: "n".to_owned(), value, written: None };
    let bars = Bars {
        caption: "c".to_owned(),
        tone: Tone::Plain,
        bars: vec![bar(1), bar(1_000_000), bar(0), bar(u64::MAX)],
    };
    let text = page(html! { (bars) });
    for width in ["4", "1000", "0"] {
        assert!(text.contains(&format!(r#"<rect width="{width}""#)), "{width}: {text}");
    }
}
