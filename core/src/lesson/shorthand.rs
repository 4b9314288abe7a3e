//! The short forms that lessons write for what a store knows, so that predicates are short and hold for any store:
//! `{S nginx}` is the size of the image nginx. They are spelled out when a page is read; nothing else knows them.

/// The short forms: a name, what stands before its operand, and what stands behind it.
const FORMS: &[(&str, &str, &str)] = &[
    // A container's upper directory.
    ("U", "$(docker inspect -f '{{.GraphDriver.Data.UpperDir}}' ", ")"),
    // Its lower directories, the top one first, separated by spaces.
    ("L", "$(docker inspect -f '{{.GraphDriver.Data.LowerDir}}' ", " | tr ':' ' ')"),
    // The bytes of its writable layer.
    ("W", "$(docker inspect -s -f '{{.SizeRw}}' ", ")"),
    // The bytes of an image.
    ("S", "$(docker image inspect -f '{{.Size}}' ", ")"),
    // The number of its layers.
    ("N", "$(docker image inspect -f '{{len .RootFS.Layers}}' ", ")"),
    // Its id.
    ("ID", "$(docker image inspect -f '{{.Id}}' ", ")"),
];

/// The line with its short forms spelled out.
pub(super) fn expand(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('{') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        rest = match form(tail) {
            Some((text, length)) => {
                out.push_str(&text);
                &tail[length..]
            }
            None => {
                out.push('{');
                &tail[1..]
            }
        };
    }
    out.push_str(rest);
    out
}

/// The short form that `tail` begins with: what it means, and its length.
fn form(tail: &str) -> Option<(String, usize)> {
    let end = tail.find('}')?;
    let (name, operand) = tail[1..end].split_once(' ')?;
    let (_, before, behind) = FORMS.iter().find(|(known, ..)| *known == name)?;
    let is_name = !operand.is_empty() && !operand.contains(|c: char| c.is_whitespace() || "{;&|".contains(c));
    is_name.then(|| (format!("{before}{operand}{behind}"), end + 1))
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn short_forms_are_spelled_out_and_all_else_is_left() {
        assert_eq!(
            expand("test {W c1} -gt $(( {S a:1} - 5 ))"),
            "test $(docker inspect -s -f '{{.SizeRw}}' c1) -gt \
             $(( $(docker image inspect -f '{{.Size}}' a:1) - 5 ))"
        );
        assert_eq!(
            expand("ls {U web1}/etc"),
            "ls $(docker inspect -f '{{.GraphDriver.Data.UpperDir}}' web1)/etc"
        );
        for same in ["{ S; }", "{X y}", "{{.Id}}", "{S }", "{S a b}", "a{1,2}", "{S", "{"] {
            assert_eq!(expand(same), same);
        }
    }
}
