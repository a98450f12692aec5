//! A small report, written by hand. It has every verdict, expected and not, and a target that is hostile.

use crate::Expected;
use crate::core::case::Level;
use crate::core::case::Suite;
use crate::core::change::Contrast;
use crate::core::defect::Severity;
use crate::core::exchange::{Exchange, Role};
use crate::core::report::finding::gather;
use crate::core::report::{CaseReport, FailOn, Report};
use crate::core::verdict::Verdict;
use crate::relying_party::hints::with_hints;
use crate::relying_party::suite::RelyingParty;

/// A message of a hostile target, which tries to do harm in every format.
pub(super) const HOSTILE: &str = "</pre><script>alert(1)</script> ]]> --> &amp; \"quoted\" 'single' `tick` ```| bar \\| @somebody #1 \
    https://example.net [x](y) \u{1b}[31mred\u{1b}]0;title\u{7}\0\u{9b}\u{202e}turned\u{2028}\u{fffe}\r\n::error::second line\r\n\ttab ##[error]third";

/// The reply of a registration whose client data has no origin: packed, ES256, for `localhost`.
pub(crate) const REGISTRATION: &str = r#"{"id":"1J21dzW9nLXcKIbwSOWGImkmSJzPqlvG_HC0Dumn0MQ","type":"public-key","response":{"attestationObject":"o2NmbXRmcGFja2VkZ2F0dFN0bXSjY2FsZyZjc2lnWEgwRgIhANzCel7pVNkVigHNYSsmmSsDjy_wQnfF-sRXr55ZrHF5AiEAjcNnr6UMe79ujqbR6D4so8pnBxBGKR1CY8X5LhrsAi9jeDVjgVkCbjCCAmowggIQoAMCAQICEHrO1iAG4D3iNOaa7FOAS0UwCgYIKoZIzj0EAwIwdTELMAkGA1UEBhMCQVExIjAgBgNVBAoMGXN0dW50a2V5IHRlc3QgYXR0ZXN0YXRpb24xJTAjBgNVBAsMHEF1dGhlbnRpY2F0b3IgQXR0ZXN0YXRpb24gQ0ExGzAZBgNVBAMMEnN0dW50a2V5IHRlc3Qgcm9vdDAeFw0yNTAxMDEwMDAwMDBaFw00OTAxMDEwMDAwMDBaMHIxCzAJBgNVBAYTAkFRMSIwIAYDVQQKDBlzdHVudGtleSB0ZXN0IGF0dGVzdGF0aW9uMSIwIAYDVQQLDBlBdXRoZW50aWNhdG9yIEF0dGVzdGF0aW9uMRswGQYDVQQDDBJzdHVudGtleSB0ZXN0IGxlYWYwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQYR8zMhBqfysIFYpharxh2ClDoQbkeH4RUGdLcGYVNaR5dIhPI3s2NQMwGFwCLQ4GBwKB-kqcbYe5v39QeFYJxo4GEMIGBMAwGA1UdEwEB_wQCMAAwDgYDVR0PAQH_BAQDAgeAMB0GA1UdDgQWBBR4kshvPJth8njjcARWQbZPWBM-dTAfBgNVHSMEGDAWgBQXmswpmw8FEtrDBFolbOeNbLVVwjAhBgsrBgEEAYLlHAEBBAQSBBBTVFVOVEtFWYABAAAAAAABMAoGCCqGSM49BAMCA0gAMEUCIQDySfc8E04udEM40bPmjFPrPw1sxPYNlWziaoJ6e5oanwIgIkTJZIMk7b-RrFQTP_EfB_qKLhObOroCpIWGeGIzOaJoYXV0aERhdGFYpEmWDeWIDoxodDQXD2R2YFuP5K65ooYyx5lc87qDHZdjRQAAAABTVFVOVEtFWYABAAAAAAABACDUnbV3Nb2ctdwohvBI5YYiaSZInM-qW8b8cLQO6afQxKUBAgMmIAEhWCAKUm3Qj9b5Z_w71Dq2sr2qFSeJpGFltKWHBk4PG4XjBCJYIFLy7nRmN00os6Uko9eLRYudQecNh20WejVXKjHB73q5","clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoicTE3dC1oMlJaTnhGUnQyN0p6dXZVZ2pfeEdiTlBUVmlWdFFUeV9Za1lyTSIsImNyb3NzT3JpZ2luIjpmYWxzZX0"},"getClientExtensionResults":{}}"#;

/// The reply of a login whose origin is a number.
pub(crate) const AUTHENTICATION: &str = r#"{"id":"MhD4I7Ru-ouQVNccqgjvMdopNAv4de4veH_mgbL-HUs","type":"public-key","response":{"authenticatorData":"SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAg","clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiMlREYllVTDRlUnhibnE2RHBmeHNoaTlWbDBYSmhEc3ZXcGQtM0dvSEYxcyIsIm9yaWdpbiI6MSwiY3Jvc3NPcmlnaW4iOmZhbHNlfQ","signature":"MEUCIQCB4W7qkpwLlEkgAmjRZrt2s14mGpOw7UBxRKp3ZdZceQIgLLdiM_mym0G1skfY4_0bzuBwMF2UFJ5gTlRxrt00B_w","userHandle":"d6jiCU74inXV7AeuWBGFkeefeP9wXS7KGCXBGfTom2A"},"getClientExtensionResults":{}}"#;

pub(super) fn case(id: &str, verdict: Verdict, why: &str) -> CaseReport {
    CaseReport {
        id: id.into(),
        requirement: "must refuse what it has to refuse".into(),
        clause: "WebAuthn L3 §7.1 step 9".into(),
        level: Level::Must,
        severity: Severity::High,
        aligns_with: None,
        verdict,
        why: why.into(),
        to_test: None,
        expected: None,
        milliseconds: 12,
        defect: RelyingParty::defect(id).id.into(),
        exchanges: Vec::new(),
        contrast: None,
    }
}

fn expected(verdict: Verdict, reason: &str) -> Option<Expected> {
    Some(Expected { verdict, reason: reason.into() })
}

fn exchange(action: &str, path: &str, sent: &str, status: Option<u16>, received: &str) -> Exchange {
    Exchange {
        action: action.into(),
        role: Some(if action.ends_with("options") { Role::Control } else { Role::Attack }),
        method: "POST".into(),
        url: format!("http://localhost:8080{path}"),
        headers: vec![
            ("content-type".into(), "application/json".into()),
            ("authorization".into(), "Bearer {{access_key}}".into()),
        ],
        sent: sent.into(),
        status,
        received: received.into(),
    }
}

/// A sound request at the beginning of the run, a member that is not there, one that is cut, and one that varies.
fn contrast() -> Contrast {
    serde_json::from_value(serde_json::json!({
        "sent": 1,
        "changes": [
            {"member": "response.clientDataJSON.origin", "sound": "\"http://localhost:8080\""},
            {"member": "response.clientDataJSON.type", "sound": "\"webauthn.create\"", "sent": "\"webauthn.cre</code>ated\""},
            {"member": "response.attestationObject.attStmt.sig", "sound": "3045…", "sent": "3046…", "varies": true},
        ],
    }))
    .unwrap()
}

pub(super) fn report() -> Report {
    let long = "x".repeat(10_000);
    let cases = vec![
        CaseReport {
            requirement: "must send another challenge every time".into(),
            clause: "WebAuthn L3 §7.1 step 1; §13.4.3".into(),
            severity: Severity::Critical,
            ..case("registration/options/challenge-fresh", Verdict::Pass, "")
        },
        CaseReport {
            clause: "FIDO conformance REST binding".into(),
            severity: Severity::Low,
            ..case("registration/options/attestation-echoed", Verdict::Pass, "")
        },
        CaseReport {
            requirement: "must accept transports that it does not know".into(),
            clause: "WebAuthn L3 §5.8.4".into(),
            severity: Severity::Low,
            exchanges: vec![
                exchange(
                    "registration options",
                    "/attestation/options",
                    "{\"username\":\"it's me\"}",
                    Some(200),
                    "{}",
                ),
                exchange("registration result", "/attestation/result", &long, Some(400), HOSTILE),
            ],
            ..case(
                "registration/accepts/reply/unknown-transport",
                Verdict::Fail,
                &format!("it refused the registration: 400 {HOSTILE}"),
            )
        },
        CaseReport {
            requirement: "must refuse a registration in which the client data has no origin".into(),
            aligns_with: Some("Attestation Resp-2".into()),
            exchanges: vec![
                exchange(
                    "registration options",
                    "/attestation/options",
                    "{\"username\":\"it's me\"}",
                    Some(200),
                    HOSTILE,
                ),
                exchange(
                    "registration result",
                    "/attestation/result",
                    REGISTRATION,
                    Some(200),
                    "{\"status\":\"ok\",\"errorMessage\":\"\"}",
                ),
            ],
            contrast: Some(contrast()),
            ..case("registration/client-data/origin/missing", Verdict::Fail, "it was accepted")
        },
        CaseReport {
            expected: expected(Verdict::Fail, "the gateway looks at origins, | not the service"),
            ..case("registration/client-data/origin/port", Verdict::Fail, "it was accepted")
        },
        CaseReport {
            expected: expected(Verdict::Fail, "the gateway looks at origins, | not the service"),
            ..case("registration/client-data/origin/scheme", Verdict::Fail, "it was accepted")
        },
        CaseReport {
            expected: expected(Verdict::Weak, HOSTILE),
            ..case("registration/client-data/origin/empty", Verdict::Weak, HOSTILE)
        },
        CaseReport {
            expected: expected(Verdict::Fail, "issue 12"),
            ..case("registration/client-data/origin/parent", Verdict::Pass, "")
        },
        CaseReport {
            expected: expected(Verdict::Fail, "issue 12"),
            ..case("registration/client-data/origin/suffix", Verdict::Weak, "500 at a suffix")
        },
        CaseReport {
            level: Level::Should,
            clause: "WebAuthn L3 §7.1 step 24".into(),
            severity: Severity::Medium,
            ..case("registration/trust/expired/leaf", Verdict::Fail, "it was accepted")
        },
        CaseReport {
            clause: "WebAuthn L3 §7.1 step 22".into(),
            ..case(
                "registration/packed/signature/zero",
                Verdict::Weak,
                &format!("it made the target break: 500 {long}"),
            )
        },
        CaseReport {
            level: Level::May,
            clause: "WebAuthn L3 §7.1 step 21".into(),
            severity: Severity::Low,
            exchanges: vec![Exchange {
                action: "registration result".into(),
                sent: "{".into(),
                received: String::new(),
                ..Exchange::default()
            }],
            ..case(
                "registration/accepts/format/tpm",
                Verdict::Fail,
                "the registration made the target hang: no answer within 10.0 s",
            )
        },
        case(
            "registration/reply/id/other-than-raw-id",
            Verdict::Skip,
            "the target's replies have another shape, which lacks the member",
        ),
        case(
            "registration/reply/response/missing",
            Verdict::Skip,
            "the target's replies have another shape, which lacks the member",
        ),
        CaseReport { level: Level::May, ..case("registration/accepts/format/apple", Verdict::Skip, HOSTILE) },
        CaseReport {
            requirement: "must refuse a login in which the origin is a number".into(),
            clause: "WebAuthn L3 §7.2 step 12".into(),
            severity: Severity::Critical,
            exchanges: vec![
                exchange("registration options", "/attestation/options", "{}", Some(200), "{}"),
                exchange("registration result", "/attestation/result", REGISTRATION, Some(200), "{}"),
                exchange("authentication options", "/assertion/options", "{}", Some(200), "{}"),
                exchange(
                    "authentication result",
                    "/assertion/result",
                    AUTHENTICATION,
                    None,
                    "cannot be reached: connection refused",
                ),
            ],
            ..case(
                "authentication/client-data/origin/not-text",
                Verdict::Error,
                "cannot be reached: connection refused",
            )
        },
        CaseReport {
            clause: "WebAuthn L3 §7.2 step 21".into(),
            ..case("authentication/signature/empty", Verdict::Pass, "")
        },
        CaseReport {
            clause: "WebAuthn L3 §99.9".into(),
            ..case("authentication/<script>/a b\"c", Verdict::Pass, "")
        },
    ];
    Report {
        tool: "stuntkey 0.1.0".into(),
        target: "http://localhost:8080/<b>\u{1b}[2J".into(),
        origin: "http://localhost:8080".into(),
        library: Some("SimpleWebAuthn".into()),
        profile: "l3".into(),
        fail_on: FailOn::Must,
        seed: "5eed".into(),
        began: "2026-01-02T03:04:05Z".into(),
        milliseconds: 61_234,
        complete: false,
        reached: true,
        trouble: Some(format!("a sound registration and login at the end: it refused the login: {HOSTILE}")),
        advice: None,
        attestation: Some("packed".into()),
        findings: with_hints(gather::<RelyingParty>(&cases), "SimpleWebAuthn"),
        cases,
    }
}
