//! Networks, filters and templates. Texts as Docker 20.10.24 words them (recorded sessions).

use crate::docker::advice::rule::Arg::{All, Among, Container, Example, Hole, Is, Near, Typed};
use crate::docker::advice::rule::{Kind, Rule, Words, rule};
use crate::help::Topic;

pub(super) static RULES: &[Rule] = &[
    rule("No such network: *", Topic::NoSuchNetwork, &[Hole(0), Near(Kind::Network, 0)]),
    rule("network with name * already exists", Topic::NetworkExists, &[Hole(0)]),
    rule("network * not found", Topic::NoSuchNetwork, &[Hole(0), Near(Kind::Network, 0)]),
    rule("network * has active endpoints", Topic::NetworkInUse, &[Typed(0)]),
    rule("is a pre-defined network and cannot be removed", Topic::NetworkPredefined, &[]),
    rule("operation is not permitted on predefined", Topic::NetworkPredefined, &[]),
    rule("cannot be disconnected from host network", Topic::NetworkPredefined, &[]),
    rule("Invalid subnet * :", Topic::FlagBadValue, &[Is("--subnet"), Hole(0), Example("subnet")]),
    rule("invalid subnet *:", Topic::FlagBadValue, &[Is("--subnet"), Hole(0), Example("subnet")]),
    rule("Pool overlaps with other one", Topic::SubnetTaken, &[]),
    rule("every ip-range or gateway must have a corresponding subnet", Topic::GatewaySubnet, &[]),
    rule("no matching subnet for gateway", Topic::GatewaySubnet, &[]),
    rule("no matching subnet for range", Topic::GatewaySubnet, &[]),
    rule("supported on user defined networks only", Topic::OwnNetwork, &[]),
    rule("only supported for user-defined networks", Topic::OwnNetwork, &[]),
    rule("networks with user configured subnets", Topic::AddressSubnet, &[]),
    rule("endpoint with name * already exists in network *", Topic::AlreadyConnected, &[Hole(0), Hole(1)]),
    rule("container * is not connected to network *", Topic::NotConnected, &[Container(0), Hole(1)]),
    rule(
        "logging plugin *: plugin",
        Topic::FlagBadValue,
        &[Is("--log-driver"), Hole(0), Example("log-driver")],
    ),
    rule("plugin \"*\" not found", Topic::DriverUnknown, &[Hole(0)]),
    rule("Invalid filter 'status=*'", Topic::FilterValue, &[Hole(0), All(Words::States)]),
    rule("Invalid filter 'dangling=[*]'", Topic::FilterValue, &[Hole(0), Is("true, false")]),
    rule("Unrecognised filter value for status: *", Topic::FilterValue, &[Hole(0), All(Words::States)]),
    rule(
        "Unrecognised filter value for health: *",
        Topic::FilterValue,
        &[Hole(0), Is("healthy, unhealthy, starting, none")],
    ),
    rule("invalid filter: 'type'='*'", Topic::FilterValue, &[Hole(0), Is("builtin, custom")]),
    rule("Invalid filter '*=[*]'", Topic::FilterValue, &[Hole(1), Is("")]),
    rule(
        "Invalid filter '*'",
        Topic::FilterUnknown,
        &[Hole(0), Among(Words::Filters, 0), All(Words::Filters)],
    ),
    rule("can't evaluate field * in type", Topic::TemplateField, &[Hole(0), All(Words::Fields)]),
    rule("map has no entry for key \"*\"", Topic::TemplateField, &[Hole(0), All(Words::Fields)]),
    rule("failed to parse template", Topic::TemplateBad, &[]),
    rule("template parsing error", Topic::TemplateBad, &[]),
    rule("emplate parsing error", Topic::TemplateBad, &[]),
    rule("failed to execute template", Topic::TemplateBad, &[]),
    rule("template: :1:", Topic::TemplateBad, &[]),
];
