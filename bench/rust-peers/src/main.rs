//! Runs an ONNX file in another engine of Rust, on one thread; prints what it took as a line of JSON.
//!
//! `rust-peers tract|rten MODEL SECONDS`

#[path = "../../src/timing.rs"]
mod timing;

use anyhow::{Context, Result, bail};
use rten_tensor::prelude::*;
use serde_json::Value;
use std::sync::Arc;
use tract_onnx::prelude::{Framework, InferenceModelExt, IntoRunnable, Tensor, tvec};

/// What all values of the input are, as for the other engines.
const INPUT: f32 = 0.1;

/// One run of a loaded network.
type Run = Box<dyn FnMut() -> Result<()>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [engine, model, seconds] = &args[..] else {
        bail!("this is for `cargo xtask bench`");
    };
    println!("{}", measure(engine, model, seconds.parse()?)?);
    Ok(())
}

fn measure(engine: &str, model: &str, seconds: f64) -> Result<Value> {
    timing::network(seconds, || match engine {
        "tract" => tract(model),
        "rten" => rten(model),
        _ => bail!("no engine {engine}"),
    })
}

fn tract(model: &str) -> Result<Run> {
    let model = tract_onnx::onnx().model_for_path(model)?.into_optimized()?;
    let fact = model.input_fact(0)?;
    let shape = fact.shape.as_concrete().context("the shape of the input")?;
    let mut input = Tensor::zero::<f32>(shape)?;
    input.to_plain_array_view_mut::<f32>()?.fill(INPUT);
    let plan = model.into_runnable()?;
    Ok(Box::new(move || {
        plan.run(tvec!(input.clone().into()))?;
        Ok(())
    }))
}

fn rten(model: &str) -> Result<Run> {
    let mut options = rten::ModelOptions::with_all_ops();
    let model = options.prepack_weights(true).load_file(model)?;
    let shape = model.input_shape(0).context("the shape of the input")?;
    let shape: Option<Vec<usize>> = shape.iter().map(fixed).collect();
    let input = rten_tensor::Tensor::full(&shape.context("a fixed shape")?, INPUT);
    let pool = Arc::new(rten::ThreadPool::with_num_threads(1));
    let input_id = *model.input_ids().first().context("an input")?;
    let outputs = model.output_ids().to_vec();
    Ok(Box::new(move || {
        let options = rten::RunOptions::default().with_thread_pool(Some(pool.clone()));
        let inputs = vec![(input_id, input.view().into())];
        model.run(inputs, &outputs, Some(options))?;
        Ok(())
    }))
}

fn fixed(dimension: &rten::Dimension) -> Option<usize> {
    match dimension {
        rten::Dimension::Fixed(size) => Some(*size),
        rten::Dimension::Symbolic(_) => None,
    }
}
