//! Go's text templates, as far as `--format` and `docker inspect -f` use them.
//!
//! ```text
//! {{.A.B}} {{json .}} {{range $k, $v := .M}}…{{else}}…{{end}} {{if eq .A "x"}}…{{end}} {{with .A}}…{{end}}
//! {{index .L 0}} {{len .L}} {{.A | upper}} {{$x := .A}} {{- trim -}} {{/* comment */}} {{(index .L 0).B}}
//! ```

mod eval;
mod functions;
mod lex;
mod parse;
mod scope;
mod types;
mod value;

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
        let nodes = parse::nodes(&pieces)?;
        scope::check(&nodes)?;
        Ok(Self { nodes })
    }

    /// What it gives for `data`.
    ///
    /// # Errors
    /// Go's text, `template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"`.
    pub(super) fn run(&self, data: &Json, shape: Shape<'_>) -> Result<String, String> {
        let (text, result) = eval::run(&self.nodes, data, shape);
        result.map(|()| text)
    }

    /// As [`Template::run`], with what was printed before an error.
    pub(super) fn run_to_error(&self, data: &Json, shape: Shape<'_>) -> (String, Result<(), String>) {
        eval::run(&self.nodes, data, shape)
    }

    /// What `docker inspect` prints for a document: it tries the structure of this Go type, and where that fails, the
    /// document as a map (docker/cli `inspect.go`).
    ///
    /// # Errors
    /// As [`Template::run`], of the map.
    pub(super) fn inspect(&self, data: &Json, go_type: &'static str) -> Result<String, String> {
        self.run(data, Shape::Struct(go_type)).or_else(|_| self.run(data, Shape::Map))
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
        check(
            "{{.Tags}} {{len .Tags}} {{index .Tags 1}} {{join (split .Id \"b\") \",\"}}",
            "[a:1 b:2] 2 b:2 a,c",
        );
        check("{{.Name | upper}} {{lower .Name | printf \"%q\"}}", "MIXED CASE \"mixed case\"");
        check("{{(index .Tags 0)}} {{index .Labels \"k\"}} {{println \"x\" 1}}", "a:1 v x 1\n");
        check(
            "{{split \"ab\" \"\"}} {{urlquery \"a b\"}} {{js \"<x'\"}} {{html .Labels.z}}",
            "[a b] a+b \\u003Cx\\' &lt;y&gt;",
        );
        check("{{.Labels}} {{split \"a,b\" \",\"}} {{truncate .Id 2}}", "map[k:v z:<y>] [a b] ab");
    }

    fn inspected(template: &str) -> String {
        let data: Json = serde_json::from_str(
            r#"{"Id":"abc","State":{"Status":"running","Running":true,"Pid":7},"RestartCount":0,
                "Config":{"ExposedPorts":{"80/tcp":{},"9/udp":{}},"Labels":{},"Cmd":["sleep","9"]},
                "HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"8080"}]},"Memory":5,
                "RestartPolicy":{"Name":"no","MaximumRetryCount":0},"Ulimits":[{"Name":"nofile","Hard":20,"Soft":10}]},
                "Mounts":[{"Type":"volume","Name":"vv","Source":"/s","Destination":"/d","Driver":"local","RW":true}]}"#,
        )
        .unwrap();
        let template = Template::parse(template).unwrap();
        template.inspect(&data, "types.ContainerJSON").unwrap_or_else(|error| format!("ERROR {error}"))
    }

    /// Recorded with Docker 20.10.24: structures print as Go prints them, by the types of their fields.
    #[test]
    fn structures_print_as_go_prints_them() {
        for (template, want) in [
            ("{{.Config.ExposedPorts}} {{.Config.Labels}}", "map[80/tcp:{} 9/udp:{}] map[]"),
            ("{{range $k, $v := .Config.ExposedPorts}}{{$k}}{{$v}}{{end}}", "80/tcp{}9/udp{}"),
            ("{{index .Config.ExposedPorts \"9/udp\"}}", "map[]"),
            ("{{.State}}", "{running true false false false false 7 0    <nil>}"),
            ("{{.Mounts}}", "[{volume vv /s /d local  true }]"),
            ("{{.HostConfig.PortBindings}} {{.HostConfig.RestartPolicy}}", "map[80/tcp:[{ 8080}]] {no 0}"),
            ("{{.HostConfig.Ulimits}} {{.HostConfig.CapAdd}}", "[nofile=10:20] []"),
            ("{{.State.Health}} {{.Config.Healthcheck}} {{.SizeRw}}", "<nil> <nil> <nil>"),
            ("{{.HostConfig.Memory}} {{.HostConfig.CPUShares}} {{.ID}}", "5 0 abc"),
            ("{{.Config.Labels.x}} {{index .Config.Labels \"x\"}}", "<no value> "),
            ("{{with .State.Health}}{{.Status}}{{else}}none{{end}}", "none"),
        ] {
            assert_eq!(inspected(template), want, "{template}");
        }
    }

    /// What the structure has not is asked of the document, which is a map then.
    #[test]
    fn the_document_answers_where_the_structure_fails() {
        assert_eq!(
            inspected("{{.Id}} {{.HostConfig.RestartPolicy}}"),
            "abc map[MaximumRetryCount:0 Name:no]"
        );
        let missing = "ERROR template: :1:8: executing \"\" at <.State.Health.Status>: map has no entry for key \"Health\"";
        assert_eq!(inspected("{{.State.Health.Status}}"), missing);
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
        check("{{if and .State.Running (eq .State.Pid \"7\")}}big{{end}}{{if not .None}}!{{end}}", "big!");
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
