//! The calculators that a graph may name.

use crate::calculator::{Calculator, Contract};
use crate::config::NodeConfig;
use std::collections::BTreeMap;

/// How to describe and make one calculator.
#[derive(Clone, Copy)]
pub(crate) struct CalculatorFactory {
    pub(crate) contract: fn(&mut Contract, &NodeConfig),
    pub(crate) make: fn() -> Box<dyn Calculator>,
}

/// Calculators by name.
///
/// ```
/// use moue_graph::Registry;
/// let registry = Registry::standard();
/// assert!(registry.names().any(|name| name == "GateCalculator"));
/// assert_eq!(Registry::empty().names().count(), 0);
/// ```
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<String, CalculatorFactory>);

impl Registry {
    /// A registry without calculators.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Adds a calculator under a name, and replaces the one of that name, if any.
    pub fn register<C: Calculator + Default>(&mut self, name: &str) {
        let factory = CalculatorFactory {
            contract: C::contract,
            make: || Box::new(C::default()),
        };
        self.0.insert(name.to_owned(), factory);
    }

    pub(crate) fn get(&self, name: &str) -> Option<CalculatorFactory> {
        self.0.get(name).copied()
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
