//! Makes small models out of bytes: most are well-formed, some have one field that is not. Random
//! bytes as a file hardly get past the FlatBuffers; these get to every operator.

use super::{Field, File, Level, Sparsity};

/// Numbers out of a fuzzer's bytes; zeros when these are used up.
pub(crate) struct Source<'a>(&'a [u8]);

impl<'a> Source<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number below `count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count.max(1)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A number that a file should not have, or an ordinary one.
    pub(crate) fn extreme(&mut self) -> i32 {
        let ordinary = i32::from(self.byte());
        self.pick(&[
            0,
            -1,
            1,
            i32::MAX,
            i32::MIN,
            1 << 16,
            (1 << 16) + 1,
            1 << 24,
            1 << 30,
            46_341,
            ordinary,
            -ordinary,
        ])
    }
}

/// What is made so far: the file, and its activations with their shapes.
struct Model<'s, 'b> {
    source: &'s mut Source<'b>,
    file: File,
    activations: Vec<(i32, Vec<i32>)>,
}

/// A model of up to a dozen operators.
pub(crate) fn model(bytes: &[u8]) -> Vec<u8> {
    let source = &mut Source::new(bytes);
    let mut model = Model {
        source,
        file: File::default(),
        activations: Vec::new(),
    };
    let shape = model.first_shape();
    let input = model.file.activation("x", &shape);
    model.activations.push((input, shape));
    for _ in 0..1 + model.source.below(12) {
        model.node();
    }
    let mut outputs = vec![model.activations[model.activations.len() - 1].0];
    if model.source.below(8) == 0 {
        outputs.resize(1 + model.source.below(200) * 30, outputs[0]);
    }
    let mut file = model.file;
    while !source.is_empty() && source.below(3) == 0 {
        damage(&mut file, source);
    }
    let mut bytes = file.finish(&[input], &outputs);
    while !source.is_empty() {
        let at = source.below(256) << 8 | source.below(256);
        let length = bytes.len();
        bytes[at % length] = source.byte();
    }
    bytes
}

/// Puts one number into the file that it should not have.
fn damage(file: &mut File, source: &mut Source<'_>) {
    let value = source.extreme();
    let tensor = source.below(file.tensors.len());
    let node = source.below(file.nodes.len());
    match source.below(7) {
        0 => {
            let dims = &mut file.tensors[tensor].shape;
            let at = source.below(dims.len());
            dims.iter_mut().skip(at).take(1).for_each(|d| *d = value);
        }
        // All tensors of a size at once, so that shapes agree with each other.
        1 => {
            let old = source.pick(&[1, 8, 16, 3]);
            let dims = file.tensors.iter_mut().filter(|t| t.data.is_empty());
            dims.flat_map(|t| &mut t.shape)
                .filter(|d| **d == old)
                .for_each(|d| *d = value);
        }
        2 => file.nodes[node].code = i32::from(source.byte()),
        3 => {
            let inputs = &mut file.nodes[node].inputs;
            let at = source.below(inputs.len());
            inputs.iter_mut().skip(at).take(1).for_each(|i| *i = value);
        }
        4 => file.nodes[node]
            .options
            .push(Field::I32(source.below(8) as u16, value)),
        5 => {
            let copies = source.below(100);
            let input = file.nodes[node].inputs[0];
            file.nodes[node].inputs.extend(vec![input; copies]);
        }
        _ => {
            let data = &mut file.tensors[tensor].data;
            let at = source.below(data.len());
            let byte = source.byte();
            data.iter_mut().skip(at).take(1).for_each(|b| *b = byte);
        }
    }
}

impl Model<'_, '_> {
    fn first_shape(&mut self) -> Vec<i32> {
        let side = self.source.pick(&[1, 2, 5, 8, 16, 64, 512, 1024]);
        let channels = self.source.pick(&[1, 3, 8, 13, 16]);
        vec![self.source.pick(&[1, 1, 2]), side, side, channels]
    }

    /// An activation of four dimensions, as most operators want.
    fn operand(&mut self) -> (i32, [i32; 4]) {
        let at = self.source.below(self.activations.len());
        let (tensor, shape) = &self.activations[at];
        match shape[..] {
            [n, h, w, c] => (*tensor, [n, h, w, c]),
            _ => (
                self.activations[0].0,
                self.activations[0].1[..].try_into().unwrap(),
            ),
        }
    }

    fn result(&mut self, shape: &[i32]) -> i32 {
        let tensor = self.file.activation("y", shape);
        self.activations.push((tensor, shape.to_vec()));
        tensor
    }

    fn constant(&mut self, shape: &[i32]) -> i32 {
        let values = vec![0.5; shape.iter().product::<i32>() as usize];
        self.file.floats("k", shape, &values)
    }

    fn node(&mut self) {
        let (x, shape) = self.operand();
        match self.source.below(14) {
            0 => self.unary(x, &shape),
            1 => self.binary(x, &shape),
            2 => self.convolution(x, shape),
            3 => self.pooling(x, shape),
            4 => self.padding(x, shape),
            5 => self.concatenation(x, shape),
            6 => self.split(x, shape),
            7 => self.slice(x, shape),
            8 => self.reshape(x, shape),
            9 => self.resize(x, shape),
            10 => self.reduce(x, shape),
            11 => self.depth_to_space(x, shape),
            12 => self.transposed(x, shape),
            _ => self.sparse(x, shape),
        }
    }

    fn unary(&mut self, x: i32, shape: &[i32]) {
        let code = self
            .source
            .pick(&[11, 14, 19, 20, 21, 25, 28, 59, 75, 76, 117]);
        let y = self.result(shape);
        self.file.node(code, &[], &[x], &[y]);
    }

    fn binary(&mut self, x: i32, shape: &[i32; 4]) {
        let code = self.source.pick(&[0, 18, 41, 42, 55, 57, 99, 54]);
        let other = if self.source.below(2) == 0 && code != 54 {
            x
        } else {
            self.constant(&[shape[3]])
        };
        let y = self.result(shape);
        self.file.node(code, &[], &[x, other], &[y]);
    }

    fn convolution(&mut self, x: i32, [n, h, w, c]: [i32; 4]) {
        let kernel = self.source.pick(&[1, 3, 5]);
        let stride = self.source.pick(&[1, 2, 3]);
        let depthwise = self.source.below(2) == 0;
        let outputs = if depthwise {
            c
        } else {
            self.source.pick(&[1, 8, 16])
        };
        let weights = if depthwise {
            self.constant(&[1, kernel, kernel, outputs])
        } else {
            self.constant(&[outputs, kernel, kernel, c])
        };
        let bias = self.constant(&[outputs]);
        let size = |side: i32| (side + stride - 1) / stride;
        let y = self.result(&[n, size(h), size(w), outputs]);
        let mut options = vec![Field::I32(1, stride), Field::I32(2, stride)];
        if self.source.below(4) == 0 {
            options.push(Field::I32(
                if depthwise { 5 } else { 4 },
                self.source.extreme(),
            ));
        }
        let code = if depthwise { 4 } else { 3 };
        self.file.node(code, &options, &[x, weights, bias], &[y]);
    }

    fn pooling(&mut self, x: i32, [n, h, w, c]: [i32; 4]) {
        let size = self.source.pick(&[1, 2, 7, 64, 60_000]);
        let y = self.result(&[n, (h + 1) / 2, (w + 1) / 2, c]);
        let options = [1, 2, 3, 4].map(|id| Field::I32(id, if id < 3 { 2 } else { size }));
        let code = self.source.pick(&[1, 17]);
        self.file.node(code, &options, &[x], &[y]);
    }

    fn padding(&mut self, x: i32, [n, h, w, c]: [i32; 4]) {
        let by = self.source.pick(&[0, 1, 2, 100]);
        let paddings = self.file.ints("p", &[4, 2], &[0, 0, by, 1, 0, by, 0, 0]);
        let y = self.result(&[n, h + by + 1, w + by, c]);
        self.file.node(34, &[], &[x, paddings], &[y]);
    }

    fn concatenation(&mut self, x: i32, [n, h, w, c]: [i32; 4]) {
        let count = 1 + self.source.below(20) as i32;
        let y = self.result(&[n, h, w, c * count]);
        let inputs = vec![x; count as usize];
        self.file.node(2, &[Field::I32(0, 3)], &inputs, &[y]);
    }

    fn split(&mut self, x: i32, [n, h, w, c]: [i32; 4]) {
        let axis = self.file.ints("axis", &[], &[3]);
        let parts: Vec<i32> = (0..c).map(|_| self.result(&[n, h, w, 1])).collect();
        self.file.node(49, &[Field::I32(0, c)], &[axis, x], &parts);
    }

    fn slice(&mut self, x: i32, [n, h, w, c]: [i32; 4]) {
        let stride = self.source.pick(&[1, 2, -1, i32::MIN, i32::MAX]);
        let numbers = [[0, 0, 0, 0], [n, h, w, c], [1, 1, 1, stride]];
        let lists = numbers.map(|list| self.file.ints("l", &[4], &list));
        let count = (i64::from(c) + i64::from(stride) - 1) / i64::from(stride);
        let y = self.result(&[n, h, w, count.max(1) as i32]);
        self.file
            .node(45, &[], &[x, lists[0], lists[1], lists[2]], &[y]);
    }

    fn reshape(&mut self, x: i32, shape: [i32; 4]) {
        let all: i32 = shape.iter().product();
        let options: [Vec<i32>; 4] = [vec![all], vec![all, 1], vec![1, 1, all, 1], vec![1, all]];
        let to = options[self.source.below(4)].clone();
        let stated = self.file.ints("s", &[to.len() as i32], &to);
        let y = self.result(&to);
        self.file.node(22, &[], &[x, stated], &[y]);
    }

    fn resize(&mut self, x: i32, [n, _, _, c]: [i32; 4]) {
        let side = self.source.pick(&[1, 7, 64, 2_000, 16_384]);
        let size = self.file.ints("s", &[2], &[side, side]);
        let y = self.result(&[n, side, side, c]);
        self.file.node(23, &[], &[x, size], &[y]);
    }

    fn reduce(&mut self, x: i32, [n, _, _, c]: [i32; 4]) {
        let axes = self.file.ints("a", &[2], &[1, 2]);
        let y = self.result(&[n, 1, 1, c]);
        let code = self.source.pick(&[40, 74]);
        self.file.node(code, &[Field::I8(0, 1)], &[x, axes], &[y]);
    }

    fn depth_to_space(&mut self, x: i32, [n, h, w, c]: [i32; 4]) {
        let block = self.source.pick(&[1, 2, 4]);
        let y = self.result(&[n, h * block, w * block, (c / (block * block)).max(1)]);
        self.file.node(5, &[Field::I32(0, block)], &[x], &[y]);
    }

    fn transposed(&mut self, x: i32, [n, h, w, c]: [i32; 4]) {
        let stride = self.source.pick(&[1, 2, 3]);
        let kernel = self.source.pick(&[1, 2, 3]);
        let outputs = self.source.pick(&[1, 8]);
        let shape = [n, h * stride, w * stride, outputs];
        let stated = self.file.ints("s", &[4], &shape);
        let weights = self.constant(&[outputs, kernel, kernel, c]);
        let y = self.result(&shape);
        let options = [Field::I32(1, stride), Field::I32(2, stride)];
        self.file.node(67, &options, &[stated, weights, x], &[y]);
    }

    fn sparse(&mut self, x: i32, shape: [i32; 4]) {
        let last = shape[3];
        let index = self.source.byte();
        let sparsity = Sparsity {
            order: vec![0],
            blocks: vec![],
            levels: vec![Level::Compressed(
                vec![0, 1],
                vec![index % (last as u8).max(1)],
            )],
        };
        let stored = self.file.sparse("sparse", &[last], &[2.0], sparsity);
        let dense = self.file.activation("dense", &[last]);
        self.file.node(124, &[], &[stored], &[dense]);
        let y = self.result(&shape);
        self.file.node(0, &[], &[x, dense], &[y]);
    }
}
