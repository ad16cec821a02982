//! Reads `.tflite` files into graphs, and rewrites nothing. What an operator is, only the caller
//! knows: it is given each operator's code and options and returns its own type for them.

mod flatbuffer;
mod options;
mod schema;
mod sparsity;
mod tensors;

pub(crate) use options::{OptionError, OptionResult, Options, WindowFields, unsupported};

use crate::budget::Budget;
use crate::error::{Error, Result, format_error};
use crate::graph::{Graph, Node};
use crate::limits::Limits;
use flatbuffer::{Source, Table};
use schema::{model, operator, operator_code, subgraph};
use tensors::TensorReader;

/// An operator as the file has it.
pub(crate) struct RawOperator<'a> {
    /// The builtin code of TFLite's schema.
    pub(crate) code: i32,
    /// The name of a custom operator.
    pub(crate) custom_name: &'a str,
    pub(crate) options: Options<'a>,
    pub(crate) custom_options: &'a [u8],
}

/// Checks the file and reads its graph; `read` gives each operator a name for messages and turns it
/// into the caller's type.
///
/// # Errors
/// [`Error::Format`], [`Error::Limit`], and whatever `read` objects to as [`Error::Unsupported`].
pub(crate) fn parse<O>(
    bytes: &[u8],
    budget: &mut Budget,
    read: impl Fn(&RawOperator<'_>) -> (String, OptionResult<O>),
) -> Result<Graph<O>> {
    let limits = *budget.limits();
    let source = Source::new(bytes);
    let root = Table::root(&source, schema::FILE_IDENTIFIER)?;
    let main = only_subgraph(&root)?;
    let buffers = root.tables(model::BUFFERS)?;
    let tensors = TensorReader::new(&buffers, budget).all(&main)?;
    let nodes = NodeReader {
        codes: operator_codes(&root, &limits)?,
        tensors: tensors.len(),
        read,
    }
    .all(&main, &limits)?;
    let ends = |field| indices(&main.ints(field)?, tensors.len());
    let graph = Graph {
        inputs: at_most(ends(subgraph::INPUTS)?, &limits, "inputs")?,
        outputs: at_most(ends(subgraph::OUTPUTS)?, &limits, "outputs")?,
        description: root.string(model::DESCRIPTION)?,
        tensors,
        nodes,
    };
    graph.check_order()?;
    Ok(graph)
}

/// Refuses a list that is longer than a graph may have nodes.
fn at_most<T>(list: Vec<T>, limits: &Limits, what: &str) -> Result<Vec<T>> {
    match list.len() {
        length if length > limits.nodes => Err(Error::Limit(format!("{length} {what}"))),
        _ => Ok(list),
    }
}

fn only_subgraph<'a>(root: &Table<'a>) -> Result<Table<'a>> {
    let subgraphs = root.tables(model::SUBGRAPHS)?;
    let [main] = subgraphs[..] else {
        return format_error(format!(
            "has {} subgraphs, one is supported",
            subgraphs.len()
        ));
    };
    Ok(main)
}

fn indices(values: &[i32], count: usize) -> Result<Vec<usize>> {
    values.iter().map(|value| index(*value, count)).collect()
}

fn index(value: i32, count: usize) -> Result<usize> {
    match usize::try_from(value) {
        Ok(i) if i < count => Ok(i),
        _ => format_error(format!("tensor {value} does not exist")),
    }
}

/// Builtin codes and custom names, in the order in which operators refer to them.
fn operator_codes(root: &Table<'_>, limits: &Limits) -> Result<Vec<(i32, String)>> {
    let code = |table: &Table<'_>| {
        // Writers fill both fields or one of them; the larger is the code, as in TFLite.
        let old = table.u8(operator_code::DEPRECATED_BUILTIN_CODE, 0)?;
        let code = table.i32(operator_code::BUILTIN_CODE, 0)?;
        Ok((
            code.max(i32::from(old.cast_signed())),
            table.string(operator_code::CUSTOM_CODE)?,
        ))
    };
    let tables = root.tables(model::OPERATOR_CODES)?;
    let tables = at_most(tables, limits, "operator codes")?;
    tables.iter().map(code).collect()
}

struct NodeReader<F> {
    codes: Vec<(i32, String)>,
    /// How many tensors there are.
    tensors: usize,
    read: F,
}

impl<O, F: Fn(&RawOperator<'_>) -> (String, OptionResult<O>)> NodeReader<F> {
    fn all(&self, main: &Table<'_>, limits: &Limits) -> Result<Vec<(Node, O)>> {
        let tables = at_most(main.tables(subgraph::OPERATORS)?, limits, "operators")?;
        let numbered = tables.iter().enumerate();
        numbered.map(|(i, table)| self.node(i, table)).collect()
    }

    fn node(&self, index: usize, table: &Table<'_>) -> Result<(Node, O)> {
        let opcode = table.u32(operator::OPCODE_INDEX, 0)? as usize;
        // Operators refer to a list of codes, so that each is stated once.
        let Some((code, custom_name)) = self.codes.get(opcode) else {
            return format_error(format!(
                "node {index} names operator code {opcode}, which does not exist"
            ));
        };
        let (name, op) = (self.read)(&RawOperator {
            code: *code,
            custom_name,
            options: Options(table.table(operator::BUILTIN_OPTIONS)?),
            custom_options: table.counted_bytes(operator::CUSTOM_OPTIONS)?,
        });
        let node = Node {
            name,
            index,
            inputs: self.operands(&table.ints(operator::INPUTS)?)?,
            outputs: indices(&table.ints(operator::OUTPUTS)?, self.tensors)?,
        };
        match op {
            Ok(_) if node.outputs.is_empty() => node.malformed("has no output"),
            Ok(op) => Ok((node, op)),
            Err(OptionError::Damaged(error)) => Err(error),
            Err(OptionError::Unsupported(reason)) => node.unsupported(reason),
        }
    }

    /// -1 marks an optional operand that is left out.
    fn operands(&self, values: &[i32]) -> Result<Vec<Option<usize>>> {
        let operand = |value: &i32| match *value {
            -1 => Ok(None),
            value => index(value, self.tensors).map(Some),
        };
        values.iter().map(operand).collect()
    }
}
