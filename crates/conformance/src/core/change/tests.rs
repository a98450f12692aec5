use super::*;

fn member(path: &str, value: &str, varies: Varies) -> Member {
    Member { path: path.split('.').map(str::to_owned).collect(), value: value.to_owned(), varies }
}

fn exchange(action: &str, role: Option<Role>, sent: &str) -> Exchange {
    Exchange { action: action.into(), role, sent: sent.into(), ..Exchange::default() }
}

/// Lines of `path=value`; what varies has a `~` before it.
fn read(sent: &str, _: &str) -> Vec<Member> {
    let member = |line: &str| {
        let (varies, line) = match line.strip_prefix('~') {
            Some(rest) => (Varies::InItsBytes, rest),
            None => (Varies::Not, line),
        };
        let (path, value) = line.split_once('=').unwrap();
        member(path, value, varies)
    };
    sent.lines().map(member).collect()
}

fn contrasted(sound: &str, sent: &str) -> Contrast {
    let exchanges = [
        exchange("result", Some(Role::Control), sound),
        exchange("options", Some(Role::Control), "x=1"),
        exchange("result", Some(Role::Attack), sent),
        exchange("result", Some(Role::Sound), sound),
    ];
    contrast(&exchanges, 2, &[], &read, &|path| path.last().is_some_and(|name| name == "sig")).unwrap()
}

#[test]
fn what_tells_two_requests_apart_comes_before_what_differs_in_any_two() {
    let found = contrasted(
        "~key=aaaa\norigin=https://a.example\ntype=get",
        "~key=bbbb\norigin=https://b.example\ntype=get",
    );
    assert_eq!((found.sound, found.sent), (Some(0), 2));
    let members: Vec<(&str, bool)> = found.changes.iter().map(|it| (it.member.as_str(), it.varies)).collect();
    assert_eq!(members, [("origin", false), ("key", true)]);
    assert_eq!(found.sentence(), "origin: https://a.example → https://b.example");
}

#[test]
fn what_varies_tells_if_its_length_is_another_or_the_case_is_about_it() {
    let tells = |sound: &str, sent: &str| {
        contrasted(sound, sent).telling().map(|it| it.member.clone()).collect::<Vec<_>>()
    };
    assert_eq!(tells("~key=aaaa", "~key=aaaaaaaaaaaa"), ["key"]);
    assert_eq!(tells("~key=aaaa\n~sig=1", "~key=bbbb\n~sig=2"), ["sig"]);
    // The case may be about it, but here another member is the change.
    assert_eq!(tells("a=1\n~sig=1", "a=2\n~sig=2"), ["a"]);
}

#[test]
fn what_is_gone_with_all_around_it_is_one_change() {
    let found = contrasted("data.a=1\ndata.b.c=2\ndata.b.d=3", "data.a=1");
    assert_eq!(found.sentence(), "data.b: 2 members → nothing");
    let found = contrasted("data.a=1\ndata.b=2", "data=text");
    assert_eq!(found.sentence(), "data: 2 members → text");
    assert_eq!(contrasted("a=1", "a=1\nb=2").sentence(), "b: nothing → 2");
}

#[test]
fn what_is_sent_again_says_so() {
    assert_eq!(contrasted("a=1", "a=1").sentence(), "nothing: it is the sound request, sent again");
    assert_eq!(contrasted("~a=1", "~a=2").sentence(), "only members that differ in any two requests");
}

#[test]
fn without_a_sound_request_in_the_case_that_of_the_run_serves() {
    let attack = [exchange("result", Some(Role::Attack), "a=2")];
    assert_eq!(contrast(&attack, 0, &[], &read, &|_| false), None);
    let run = [exchange("options", None, "a=0"), exchange("result", None, "a=1")];
    let found = contrast(&attack, 0, &run, &read, &|_| false).unwrap();
    assert_eq!((found.sound, found.sentence().as_str()), (None, "a: 1 → 2"));
}

#[test]
fn long_values_are_cut_around_what_differs() {
    let (before, after) = ("x".repeat(100), "y".repeat(100));
    let (sound, sent) = excerpts(&format!("{before}1{after}"), &format!("{before}2{after}"));
    let (start, end) = ("x".repeat(AROUND), "y".repeat(AROUND));
    assert_eq!((sound, sent), (format!("…{start}1{end}…"), format!("…{start}2{end}…")));
    assert_eq!(common("aXa", "aa"), (1, 1));
    assert_eq!(common("", "aa"), (0, 0));
}
