use proptest::prelude::{Just, Strategy, prop_oneof};

/// Bytes that every sink can carry.
pub fn text() -> impl Strategy<Value = Vec<u8>> {
    let special = prop_oneof![
        Just(""),
        Just("{{7*7}}"),
        Just("{{ secrets.TEXT }}{% raw %}{#"),
        Just("---\nkind: Secret\ndata: {A: eA==}\n..."),
        Just("\u{E5EC}00000000l00000000\u{E5ED}"),
        Just("true"),
        Just("1e3"),
        Just("null"),
        Just("~"),
        Just("\n"),
        Just("  leading and trailing  "),
        Just("ENC[AGE,YWdl]"),
        Just("ref+vault://kv/x#/y"),
        Just("\"quoted\" 'twice' \\ $HOME `id` & | > # : - ? * ! %"),
        Just("-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n"),
        Just("{\"a\": [1, \"b\"]}"),
        Just("\u{feff}bom\u{2028}\u{85}\u{1b}[31m\u{202e}"),
        Just("a\r\nb\rc\td"),
    ];
    let printable = proptest::string::string_regex("[^\\x00]{0,80}").expect("it is a regular expression");
    prop_oneof![
        2 => special.prop_map(ToString::to_string),
        2 => printable,
        1 => ("[ -~\n]{1,40}", 1_usize..120).prop_map(|(text, times)| text.repeat(times)),
    ]
    .prop_map(String::into_bytes)
}
