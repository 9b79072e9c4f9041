//! Where pbjson departs from the ProtoJSON mapping (<https://protobuf.dev/programming-guides/json/>), and what the generated
//! code does instead.

use regex::Regex;

struct Rule {
    /// What the mapping says that pbjson does not do.
    why: &'static str,
    pattern: &'static str,
    replacement: &'static str,
}

/// In order: a later rule sees what the earlier ones wrote.
const RULES: &[Rule] = &[
    Rule {
        why: "numbers may be written as 1.0 and 1e2, in quotes too, and \"inf\" is none",
        pattern: r"::pbjson::private::NumberDeserialize<_>",
        replacement: "crate::json::Number<_>",
    },
    Rule {
        why: "null is the default value: strings, booleans and lists",
        pattern: r"Some\(map_\.next_value\(\)\?\)",
        replacement: "Some(map_.next_value::<::std::option::Option<_>>()?.unwrap_or_default())",
    },
    Rule {
        why: "null is the default value: numbers and bytes",
        pattern: r"Some\(map_\.next_value::<([\w:]+<_>)>\(\)\?\.0\)",
        replacement: "Some(map_.next_value::<::std::option::Option<$1>>()?.map(|x| x.0).unwrap_or_default())",
    },
    Rule {
        why: "null is the default value: maps; and a key does not come twice",
        pattern: r"map_\.next_value::<std::collections::BTreeMap<_, _>>\(\)\?",
        replacement: "map_.next_value::<::std::option::Option<crate::json::StringMap<_>>>()?.unwrap_or_default().0",
    },
    Rule {
        why: "an optional enum: numbers we do not know are kept, names we do not know leave it unset",
        pattern: r"map_\.next_value::<::std::option::Option<(\w+::\w+)>>\(\)\?\.map\(\|x\| x as i32\)",
        replacement: "map_.next_value::<::std::option::Option<crate::json::OpenEnum<$1>>>()?\
                      .and_then(crate::json::OpenEnum::number)",
    },
    Rule {
        why: "any other enum: the same, and null is the default value",
        pattern: r"Some\(map_\.next_value::<(\w+::\w+)>\(\)\? as i32\)",
        replacement: "Some(map_.next_value::<::std::option::Option<crate::json::OpenEnum<$1>>>()?\
                      .and_then(crate::json::OpenEnum::number).unwrap_or_default())",
    },
    Rule {
        why: "an enum's number that we do not know is written as a number; pbjson fails",
        pattern: r#"(\w+::\w+)::try_from\((.+?)\)\s+\.map_err\(\|_\| .+"Invalid variant .+\)\?;"#,
        replacement: "crate::json::OpenEnum::<$1>::new($2);",
    },
    Rule {
        why: "doubles: NaN and the infinities are words, where serde_json writes null",
        pattern: r#"(if self\.\w+ != 0\. \{\s+struct_ser\.serialize_field\("\w+", )&(self\.\w+)\)"#,
        replacement: "$1&crate::json::Double($2))",
    },
];

/// Applies every rule, each of which has to find something to change.
pub(crate) fn apply(code: &str) -> anyhow::Result<String> {
    let mut code = code.to_owned();
    for Rule { why, pattern, replacement } in RULES {
        let pattern = Regex::new(pattern)?;
        anyhow::ensure!(pattern.is_match(&code), "pbjson-build changed its output, no longer found: {why}");
        code = pattern.replace_all(&code, *replacement).into_owned();
    }
    Ok(code)
}
