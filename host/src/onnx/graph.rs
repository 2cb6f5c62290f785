//! The messages of an ONNX file: tensors, nodes, a graph, a model. Numbers are those of `onnx.proto3`.

use super::protobuf::Message;

/// Version of the file format, and of the operators' set: the oldest that has all that is used.
const IR_VERSION: i64 = 7;
const OPERATORS: i64 = 13;

/// Element types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    F32 = 1,
    U8 = 2,
    I8 = 3,
    I32 = 6,
    I64 = 7,
}

/// A graph while it grows: each node takes the latest value and gives the next.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<Message>,
    tensors: Vec<Message>,
    latest: String,
    input: Message,
}

impl Graph {
    /// Begins with an input of this type and shape.
    pub(super) fn new(kind: Type, shape: &[usize]) -> Graph {
        let input = value("input", kind, shape);
        Graph { input, latest: "input".to_owned(), ..Graph::default() }
    }

    /// Adds a constant and gives its name back.
    pub(super) fn constant(&mut self, name: String, kind: Type, shape: &[usize], raw: &[u8]) -> String {
        let shape: Vec<i64> = shape.iter().map(|side| *side as i64).collect();
        self.tensors.push(
            Message::default().integers(1, &shape).integer(2, kind as i64).text(8, &name).bytes(9, raw),
        );
        name
    }

    /// A constant without dimensions.
    pub(super) fn scalar(&mut self, name: String, kind: Type, raw: &[u8]) -> String {
        self.constant(name, kind, &[], raw)
    }

    /// Appends a node that takes the latest value and the constants `others`.
    pub(super) fn node(
        &mut self,
        name: &str,
        operator: &str,
        others: &[String],
        attributes: &[(&str, Attribute<'_>)],
    ) {
        let node = Message::default().text(1, &self.latest);
        let node = others.iter().fold(node, |node, other| node.text(1, other));
        let attributes: Vec<_> = attributes.iter().map(|(name, value)| value.message(name)).collect();
        let node = node.text(2, name).text(3, name).text(4, operator).messages(5, &attributes);
        self.nodes.push(node);
        name.clone_into(&mut self.latest);
    }

    /// The file's bytes; the latest value, which must have this type and shape, is the output.
    pub(super) fn finish(self, name: &str, about: &str, kind: Type, shape: &[usize]) -> Vec<u8> {
        let graph = Message::default()
            .messages(1, &self.nodes)
            .text(2, name)
            .messages(5, &self.tensors)
            .message(11, &self.input)
            .message(12, &value(&self.latest, kind, shape));
        let operators = Message::default().text(1, "").integer(2, OPERATORS);
        Message::default()
            .integer(1, IR_VERSION)
            .text(2, "synkiosk")
            .text(6, about)
            .message(7, &graph)
            .message(8, &operators)
            .into_bytes()
    }
}

/// What a node is told besides its inputs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Attribute<'a> {
    Integer(i64),
    Integers(&'a [i64]),
}

impl Attribute<'_> {
    fn message(self, name: &str) -> Message {
        let named = Message::default().text(1, name);
        match self {
            Attribute::Integer(value) => named.integer(3, value).integer(20, 2),
            Attribute::Integers(values) => named.integers(8, values).integer(20, 7),
        }
    }
}

fn value(name: &str, kind: Type, shape: &[usize]) -> Message {
    let sides: Vec<_> = shape.iter().map(|side| Message::default().integer(1, *side as i64)).collect();
    let tensor =
        Message::default().integer(1, kind as i64).message(2, &Message::default().messages(1, &sides));
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}
