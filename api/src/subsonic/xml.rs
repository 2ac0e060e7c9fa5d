//! The protocol's XML, made from the same values as its JSON.
//!
//! An object is an element: what is in it as text, number or truth value becomes an attribute, what is in it as an object or list becomes
//! children of that name. `null` is left out.

use std::fmt::Write;

use serde_json::{Map, Value};

/// An element with a name of ours, and its namespace.
pub(super) fn document(name: &str, fields: &Map<String, Value>) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(&mut xml, name, Some("http://subsonic.org/restapi"), fields);
    xml.push('\n');
    xml
}

fn element(xml: &mut String, name: &str, namespace: Option<&str>, fields: &Map<String, Value>) {
    xml.push('<');
    xml.push_str(name);
    if let Some(namespace) = namespace {
        attribute(xml, "xmlns", namespace);
    }
    for (field, value) in fields {
        match value {
            Value::String(text) => attribute(xml, field, text),
            Value::Bool(_) | Value::Number(_) => attribute(xml, field, &value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => {}
        }
    }
    let children: Vec<(&String, &Value)> =
        fields.iter().filter(|(_, value)| value.is_array() || value.is_object()).collect();
    if children.is_empty() {
        xml.push_str("/>");
        return;
    }
    xml.push('>');
    for (field, value) in children {
        child(xml, field, value);
    }
    // Writing to a text cannot fail.
    let _ = write!(xml, "</{name}>");
}

fn child(xml: &mut String, name: &str, value: &Value) {
    match value {
        Value::Object(fields) => element(xml, name, None, fields),
        Value::Array(items) => items.iter().for_each(|item| child(xml, name, item)),
        Value::String(text) => text_element(xml, name, text),
        Value::Bool(_) | Value::Number(_) => text_element(xml, name, &value.to_string()),
        Value::Null => {}
    }
}

fn text_element(xml: &mut String, name: &str, text: &str) {
    let _ = write!(xml, "<{name}>");
    escape(xml, text);
    let _ = write!(xml, "</{name}>");
}

fn attribute(xml: &mut String, name: &str, value: &str) {
    let _ = write!(xml, " {name}=\"");
    escape(xml, value);
    xml.push('"');
}

/// Writes a text so that a reader gets the same one back, in an attribute or between tags.
///
/// White space other than a blank is written by number, because a reader would make blanks of it (XML 1.0, section 3.3.3). Characters that XML
/// cannot hold at all (section 2.2) become U+FFFD.
fn escape(xml: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' => {
                let _ = write!(xml, "&#{};", u32::from(c));
            }
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => xml.push(char::REPLACEMENT_CHARACTER),
            _ => xml.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::XmlVersion;
    use quick_xml::events::Event;
    use quick_xml::reader::Reader;
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(fields) => fields,
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn is_what_the_protocol_shows() {
        let value = json!({
            "status": "ok",
            "openSubsonic": true,
            "nothing": null,
            "sonicMatch": [{ "similarity": 0.5, "entry": { "id": "a", "isDir": false } }],
            "list": [{ "name": "x", "versions": [1, 2] }],
            "empty": [],
        });
        let xml = document("subsonic-response", &fields(value));
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <subsonic-response xmlns=\"http://subsonic.org/restapi\" openSubsonic=\"true\" status=\"ok\">\
            <list name=\"x\"><versions>1</versions><versions>2</versions></list>\
            <sonicMatch similarity=\"0.5\"><entry id=\"a\" isDir=\"false\"/></sonicMatch>\
            </subsonic-response>\n";
        assert_eq!(xml, expected);
    }

    /// What a reader makes of a text as an attribute and between tags.
    fn read_back(text: &str) -> (String, String) {
        let value = json!({ "entry": [{ "title": text, "line": [text] }] });
        let xml = document("subsonic-response", &fields(value));
        let mut reader = Reader::from_str(&xml);
        let (mut attribute, mut between) = (None, String::new());
        let mut is_line = false;
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) if tag.name().as_ref() == b"entry" => {
                    let title = tag.try_get_attribute("title").unwrap().unwrap();
                    let title = title
                        .decoded_and_normalized_value(XmlVersion::Explicit1_0, reader.decoder());
                    attribute = Some(title.unwrap().into_owned());
                }
                Event::Start(tag) if tag.name().as_ref() == b"line" => is_line = true,
                Event::End(tag) if tag.name().as_ref() == b"line" => is_line = false,
                Event::Text(piece) if is_line => between += &piece.xml10_content().unwrap(),
                Event::GeneralRef(name) if is_line => {
                    let name = name.decode().unwrap();
                    between += &quick_xml::escape::unescape(&format!("&{name};")).unwrap();
                }
                Event::Eof => break,
                _ => {}
            }
        }
        (attribute.unwrap(), between)
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(read_back(text), (expected.to_owned(), expected.to_owned()), "{text:?}");
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        check("a\0b\u{1b}c\u{fffe}\u{ffff}", "a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}");
        check("", "");
        check("]]> <!-- & --> <?x?> &amp; &#0; \"'", "]]> <!-- & --> <?x?> &amp; &#0; \"'");
        check(" \t a \r\n b \u{85}\u{2028} ", " \t a \r\n b \u{85}\u{2028} ");
    }

    proptest! {
        #[test]
        fn any_other_text_comes_back_equal(text: String) {
            let expected: String = text
                .chars()
                .map(|c| match c {
                    '\t' | '\n' | '\r' => c,
                    '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
                    _ => c,
                })
                .collect();
            prop_assert_eq!(read_back(&text), (expected.clone(), expected));
        }
    }
}
