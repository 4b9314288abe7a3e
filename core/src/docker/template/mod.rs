//! Go's text templates, as far as `--format` and `docker inspect -f` use them.
//!
//! ```text
//! {{.A.B}} {{json .}} {{range $k, $v := .M}}…{{else}}…{{end}} {{if eq .A "x"}}…{{end}} {{with .A}}…{{end}}
//! {{index .L 0}} {{len .L}} {{.A | upper}} {{$x := .A}} {{- trim -}} {{/* comment */}} {{(index .L 0).B}}
//! ```

mod eval;
mod functions;
mod go;
mod lex;
mod parse;

pub(super) use eval::Shape;

use super::json::Json;

/// A parsed template.
#[derive(Debug, Clone)]
pub(super) struct Template {
    nodes: Vec<parse::Node>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Go's text, `template: :1: unclosed action`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let pieces = lex::split(text)?;
        Ok(Self { nodes: parse::nodes(&pieces)? })
    }

    /// What it gives for `data`.
    ///
    /// # Errors
    /// Go's text, `template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"`.
    pub(super) fn run(&self, data: &Json, shape: Shape<'_>) -> Result<String, String> {
        eval::run(&self.nodes, data, shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, want: &str) {
        let data: Json = serde_json::from_str(
            r#"{"Id":"abc","Empty":null,"Tags":["a:1","b:2"],"State":{"Running":true,"Pid":7},
                "Labels":{"k":"v","z":"<y>"},"None":[],"Name":"Mixed Case"}"#,
        )
        .unwrap();
        let got = Template::parse(template).and_then(|t| t.run(&data, Shape::Map));
        assert_eq!(got.unwrap_or_else(|error| format!("ERROR {error}")), want, "{template}");
    }

    #[test]
    fn values_and_functions() {
        check("{{.Id}}-{{.State.Pid}} {{.State.Running}}", "abc-7 true");
        check("{{json .State}}{{json .Labels.z}}", r#"{"Running":true,"Pid":7}"<y>""#);
        check("{{.Tags}} {{len .Tags}} {{index .Tags 1}} {{join .Tags \",\"}}", "[a:1 b:2] 2 b:2 a:1,b:2");
        check("{{.Name | upper}} {{lower .Name | printf \"%q\"}}", "MIXED CASE \"mixed case\"");
        check("{{(index .Tags 0)}} {{index .Labels \"k\"}} {{println \"x\" 1}}", "a:1 v x 1\n");
        check(
            "{{split \"ab\" \"\"}} {{urlquery \"a b\"}} {{js \"<x'\"}} {{html .Labels.z}}",
            "[a b] a+b \\u003Cx\\' &lt;y&gt;",
        );
        check("{{.Labels}} {{split \"a,b\" \",\"}} {{truncate .Id 2}}", "map[k:v z:<y>] [a b] ab");
    }

    /// Recorded session: commit, CommitChange.
    #[test]
    fn sets_print_as_empty_structures() {
        let data: Json =
            serde_json::from_str(r#"{"C":{"ExposedPorts":{"80/tcp":{},"9/udp":{}},"Labels":{}}}"#).unwrap();
        for (template, want) in [
            ("{{.C.ExposedPorts}} {{.C.Labels}}", "map[80/tcp:{} 9/udp:{}] map[]"),
            ("{{range $k, $v := .C.ExposedPorts}}{{$k}}{{$v}}{{end}}", "80/tcp{}9/udp{}"),
            ("{{index .C.ExposedPorts \"9/udp\"}}", "{}"),
        ] {
            assert_eq!(Template::parse(template).unwrap().run(&data, Shape::Map).unwrap(), want);
        }
    }

    #[test]
    fn blocks() {
        check("{{range .Tags}}<{{.}}>{{end}}", "<a:1><b:2>");
        check("{{range $i, $t := .Tags}}{{$i}}={{$t}};{{end}}", "0=a:1;1=b:2;");
        check("{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}", "k=v z=<y> ");
        check("{{range .None}}x{{else}}none{{end}}", "none");
        check("{{if .None}}y{{else if eq .Id \"abc\"}}abc{{else}}n{{end}}", "abc");
        check("{{with .State}}{{.Pid}} {{$.Id}}{{end}}", "7 abc");
        check("a  {{- /* gone */ -}}  b", "ab");
        check("{{if and .State.Running (gt .State.Pid 3)}}big{{end}}{{if not .None}}!{{end}}", "big!");
        check("{{$x := .Id}}{{$x}}{{$x = \"n\"}}{{$x}}", "abcn");
    }

    #[test]
    fn errors_are_go_s() {
        check("{{.Foo}}", "ERROR template: :1:2: executing \"\" at <.Foo>: map has no entry for key \"Foo\"");
        check(
            "{{.State.Foo}}",
            "ERROR template: :1:8: executing \"\" at <.State.Foo>: map has no entry for key \"Foo\"",
        );
        check("{{", "ERROR template: :1: unclosed action");
        check("{{.Id", "ERROR template: :1: unclosed action");
        check("{{foo .}}", "ERROR template: :1: function \"foo\" not defined");
        check("{{range .Tags}}", "ERROR template: :1: unexpected EOF");
        check("{{end}}", "ERROR template: :1: unexpected {{end}}");
        check("{{}}", "ERROR template: :1: missing value for command");
    }
}
