//! A list of calculators with their ports and options.

use crate::calculator::{Contract, Count, PortContract, Ports};
use crate::config::{NodeConfig, options_fields};
use crate::packet::PacketType;
use crate::registry::Registry;

/// What a calculator reads and writes, and what can be set.
///
/// ```
/// use moue_graph::Registry;
/// let calculators = Registry::standard().describe();
/// let gate = calculators.iter().find(|info| info.name == "GateCalculator").unwrap();
/// assert!(gate.ports.iter().any(|port| port.tag == "ALLOW"));
/// assert!(gate.options.iter().any(|option| option.name == "allow"));
/// ```
#[derive(Debug, Clone)]
pub struct CalculatorInfo {
    /// The name that a graph gives it by.
    pub name: String,
    /// Its ports: inputs, outputs, and side packets of both directions. Empty if they are whatever
    /// the node has, as those of `PassThroughCalculator`.
    pub ports: Vec<PortInfo>,
    /// The fields of its options, in the order of their numbers.
    pub options: Vec<OptionInfo>,
}

/// The ports of one tag.
#[derive(Debug, Clone)]
pub struct PortInfo {
    /// `input`, `output`, `input side packet` or `output side packet`.
    pub kind: &'static str,
    /// The tag; empty for ports without one.
    pub tag: String,
    /// `one`, `at most one` or `any number`.
    pub count: &'static str,
    /// The types that it takes or gives; empty for any.
    pub types: Vec<PacketType>,
}

/// A field of a calculator's options.
#[derive(Debug, Clone)]
pub struct OptionInfo {
    /// The name of the field.
    pub name: String,
    /// Its type as `.proto` files write it, such as `float` or `repeated int32`.
    pub field_type: String,
}

impl Registry {
    /// All calculators, sorted by name. Ports are those of a node without options; a few
    /// calculators have others if their options or streams ask for it.
    pub fn describe(&self) -> Vec<CalculatorInfo> {
        let names = self.names();
        names.filter_map(|name| self.describe_one(name)).collect()
    }

    fn describe_one(&self, name: &str) -> Option<CalculatorInfo> {
        let mut contract = Contract::default();
        (self.get(name)?.contract)(&mut contract, &NodeConfig::new(name));
        let kinds: [(&'static str, &Ports); 4] = [
            ("input", &contract.inputs),
            ("output", &contract.outputs),
            ("input side packet", &contract.input_side_packets),
            ("output side packet", &contract.output_side_packets),
        ];
        let mut all = Vec::new();
        for (kind, ports) in kinds {
            all.extend(ports.0.iter().map(|port| port_info(kind, port)));
        }
        let options = options_fields(name).into_iter();
        let options = options.map(|(name, field_type)| OptionInfo { name, field_type });
        Some(CalculatorInfo {
            name: name.to_owned(),
            ports: all,
            options: options.collect(),
        })
    }
}

fn port_info(kind: &'static str, port: &PortContract) -> PortInfo {
    PortInfo {
        kind,
        tag: port.tag.to_owned(),
        count: match port.count {
            Count::One => "one",
            Count::Optional => "at most one",
            Count::Any => "any number",
        },
        types: port.types.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calculators_have_ports_of_their_own_or_those_of_their_node() {
        let calculators = Registry::standard().describe();
        assert_eq!(calculators.len(), Registry::standard().names().count());
        let without_ports = calculators.iter().filter(|c| c.ports.is_empty());
        let without_ports: Vec<&str> = without_ports.map(|c| c.name.as_str()).collect();
        assert_eq!(without_ports, ["PassThroughCalculator"]);
        let with_options = calculators.iter().filter(|c| !c.options.is_empty());
        assert!(with_options.count() > 15);
    }
}
