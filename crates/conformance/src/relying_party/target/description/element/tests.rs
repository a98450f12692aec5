use super::*;

const PAGE: &str = r#"<!doctype html>
<html><head>
<META name='csrf-token' content="a&amp;b&#x27;c&#39;">
<!-- <input name="csrf_token" value="in a comment"> -->
<script>const decoy = '<input name="csrf_token" value="in a script">';</script>
<script id="options" type=application/json>{"challenge": "<&amp;>"}</script>
</head><body>
<form id="other"/><form id="login" method=post action="/login?a=1&amp;b=2">
<input type=hidden name=csrf_token value=tö&quot;ken><input name="empty" value=""><input name="bare">
<p class="error">No <b>such</b>
  user &amp; no key</p></form>"#;

fn find(element: &str) -> Option<String> {
    Element::parse(element).unwrap().find(PAGE)
}

#[test]
fn an_element_tells_its_usual_attribute_or_its_text() {
    for (element, found) in [
        ("input[name=csrf_token]", "tö\"ken"),
        ("meta[name=csrf-token]", "a&b'c'"),
        ("form[id=login]", "/login?a=1&b=2"),
        ("form[id=login]@METHOD", "post"),
        ("form", "/login?a=1&b=2"),
        ("input[type=hidden][name=csrf_token]@name", "csrf_token"),
        ("script[id='options']", "{\"challenge\": \"<&amp;>\"}"),
        ("p[class=error]", "No such user & no key"),
        ("input[name=empty]", ""),
    ] {
        assert_eq!(find(element).as_deref(), Some(found), "{element}");
    }
    for element in ["input[name=bare]", "input[name=csrf]", "meta[name=csrf-token]@value", "table"] {
        assert_eq!(find(element), None, "{element}");
    }
}

#[test]
fn what_names_no_element_is_refused() {
    for text in
        ["", "[name=x]", "input[name]", "input[name=x", "input[=x]", "input name=x", "input@", "input[a=b]x"]
    {
        let error = Element::parse(text).unwrap_err();
        assert!(error.contains("expected html:TAG"), "{text}: {error}");
    }
    // A value may have an @ in it.
    assert_eq!(Element::parse("a[href=x@y]").unwrap().to_string(), "a[href=x@y]");
}

/// Pages come from whoever is tested: any beginning of one, cut anywhere, ends in an answer.
#[test]
fn a_page_that_is_cut_off_does_no_harm() {
    let elements = ["input[name=bare]@x", "p", "script[id=options]", "form[id=login]"];
    for (end, _) in PAGE.char_indices() {
        for element in elements {
            drop(Element::parse(element).unwrap().find(&PAGE[..end]));
        }
    }
    for page in
        ["<", "</", "<a =", "<a ==>", "<a b='", "&#xffffffffff;<p>&#xd800;", "<p><", "<!--", "<script"]
    {
        for element in elements {
            drop(Element::parse(element).unwrap().find(page));
        }
    }
}
