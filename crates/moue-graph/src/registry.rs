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
#[derive(Clone, Default)]
pub struct Registry(BTreeMap<String, CalculatorFactory>);

impl Registry {
    /// A registry without calculators.
    pub fn empty() -> Self {
        Self::default()
    }

    /// All calculators of this crate.
    pub fn standard() -> Self {
        let mut registry = Self::empty();
        crate::calculators::register(&mut registry);
        registry
    }

    /// Adds a calculator under a name; one of that name before is replaced.
    pub fn register<C: Calculator + Default>(&mut self, name: &str) {
        let maker = CalculatorFactory {
            contract: C::contract,
            make: || Box::new(C::default()),
        };
        self.0.insert(name.to_owned(), maker);
    }

    pub(crate) fn get(&self, name: &str) -> Option<CalculatorFactory> {
        self.0.get(name).copied()
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
