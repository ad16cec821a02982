//! A graph in the DOT language of Graphviz.

use super::model::{Graph, Node, Stream};
use std::fmt::Write;

impl Graph {
    /// The graph in the DOT language of Graphviz: nodes are boxes, streams edges, back edges
    /// dashed.
    ///
    /// ```
    /// use moue_graph::{Graph, GraphConfig, Library, NodeConfig, Registry};
    /// let node = NodeConfig::new("PassThroughCalculator").input("in").output("out");
    /// let config = GraphConfig::default().input("in").output("out").node(node);
    /// let graph = Graph::new(&config, &Library::default(), &Registry::standard())?;
    /// assert!(graph.to_dot().contains("n0 [label=\"PassThroughCalculator\"]"));
    /// # Ok::<(), moue_graph::GraphError>(())
    /// ```
    pub fn to_dot(&self) -> String {
        let mut out = String::from(
            "digraph moue {\n  rankdir=TB;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n",
        );
        // Writing into a string cannot fail, so the results are dropped here and below.
        for (index, node) in self.nodes.iter().enumerate() {
            let _ = writeln!(out, "  n{index} [label={}];", quoted(node.label()));
        }
        for stream in &self.streams {
            self.dot_stream(stream, &mut out);
        }
        for (name, stream) in &self.outputs {
            let end = quoted(&format!("{name} (out)"));
            let _ = writeln!(out, "  {end} [shape=ellipse, label={}];", quoted(name));
            let writer = self.streams[*stream].writer;
            let from = writer.map_or_else(|| quoted(name), |n| format!("n{n}"));
            let _ = writeln!(out, "  {from} -> {end};");
        }
        out + "}\n"
    }

    /// The edges of a stream, and its node if it is an input of the graph.
    fn dot_stream(&self, stream: &Stream, out: &mut String) {
        let name = quoted(&stream.name);
        let from = stream
            .writer
            .map_or_else(|| name.clone(), |node| format!("n{node}"));
        if stream.writer.is_none() {
            let _ = writeln!(out, "  {name} [shape=ellipse];");
        }
        for reader in &stream.readers {
            // `constraint=false` keeps Graphviz from ranking by a back edge, which would turn the
            // graph upside down.
            let style = if self.nodes[reader.node].inputs[reader.input].is_back_edge {
                ", style=dashed, constraint=false"
            } else {
                ""
            };
            let node = reader.node;
            let _ = writeln!(out, "  {from} -> n{node} [label={name}{style}];");
        }
    }
}

impl Node {
    /// The name in a drawing.
    pub(super) fn label(&self) -> &str {
        if self.config.name.is_empty() {
            &self.config.calculator
        } else {
            &self.config.name
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
