//! The runtime: everything that knows `rten`.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rten::{
    DataType, Dimension, LoadErrorKind, Model, ModelOptions, NodeId, RunOptions, ThreadPool,
    ValueType,
};
use rten_tensor::prelude::*;
use rten_tensor::{Tensor, TensorView};

use crate::{Code, Manifest, Refusal};

/// A loaded network with one input and the one output that is read.
pub(crate) struct Network {
    model: Model,
    input: NodeId,
    output: NodeId,
    shape: Vec<usize>,
    n_values: usize,
    options: RunOptions,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("shape", &self.shape)
            .field("n_values", &self.n_values)
            .finish_non_exhaustive()
    }
}

/// Why a network gave nothing for a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunError {
    /// It gave another number of values: the shape.
    Shape(Vec<usize>),
    /// The runtime stopped.
    Stopped(String),
}

impl Network {
    /// Loads an ONNX file and holds it against its manifest.
    pub(crate) fn load(onnx: Vec<u8>, manifest: &Manifest) -> Result<Self, Refusal> {
        let model = guarded(|| ModelOptions::with_all_ops().load(onnx))
            .map_err(|panic| Refusal::new(Code::BadGraph, panic))?
            .map_err(|error| Refusal::new(code(&error), error.to_string()))?;
        let shape = manifest.input.shape();
        let input = input(&model, &shape)?;
        let output = output(&model, manifest)?;
        // One thread: the same bits on every machine, and the child's limits count all of it.
        let pool = Arc::new(ThreadPool::with_num_threads(1));
        let options = RunOptions::default().with_thread_pool(Some(pool));
        Ok(Self { model, input, output, shape, n_values: manifest.output.n_values(), options })
    }

    /// What the network says of one window, in the order of its input's axes. Several rows are taken as their mean.
    pub(crate) fn run(&self, window: &[f32]) -> Result<Vec<f32>, RunError> {
        let input = TensorView::from_data(self.shape.as_slice(), window);
        let ran = guarded(|| {
            let inputs = vec![(self.input, input.into())];
            self.model.run_n(inputs, [self.output], Some(self.options.clone()))
        });
        let [value] = ran
            .map_err(RunError::Stopped)?
            .map_err(|error| RunError::Stopped(error.to_string()))?;
        let tensor: Tensor<f32> = value
            .try_into()
            .map_err(|_| RunError::Stopped("its output is no tensor of floats".into()))?;
        let shape = tensor.shape().to_vec();
        let values = tensor.to_vec();
        // One value may come without an axis.
        let n_last = shape.last().copied().unwrap_or(1);
        if n_last != self.n_values || values.is_empty() {
            return Err(RunError::Shape(shape));
        }
        Ok(mean_of_rows(&values, self.n_values))
    }
}

fn mean_of_rows(values: &[f32], n_values: usize) -> Vec<f32> {
    let n_rows = values.len() / n_values;
    if n_rows == 1 {
        return values.to_vec();
    }
    let sum = |column: usize| -> f64 {
        values.iter().skip(column).step_by(n_values).map(|&value| f64::from(value)).sum()
    };
    (0..n_values).map(|column| (sum(column) / n_rows as f64) as f32).collect()
}

/// Runs the runtime; a panic in it is an error of the model.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied());
        format!("the runtime panicked: {}", text.unwrap_or("without a word"))
    })
}

fn code(error: &rten::LoadError) -> Code {
    match error.kind() {
        LoadErrorKind::OperatorInvalid => Code::UnsupportedOperator,
        LoadErrorKind::ExternalDataError => Code::ExternalData,
        LoadErrorKind::ParseError
        | LoadErrorKind::UnknownFileType
        | LoadErrorKind::FormatNotEnabled
        | LoadErrorKind::IoError => Code::NotOnnx,
        _ => Code::BadGraph,
    }
}

/// The model's one input, which must take windows of `shape`.
fn input(model: &Model, shape: &[usize]) -> Result<NodeId, Refusal> {
    let &[id] = model.input_ids() else {
        let n = model.input_ids().len();
        return Err(Refusal::new(Code::WrongInput, format!("it has {n} inputs, must be 1")));
    };
    let info = model.node_info(id);
    check_type(info.as_ref(), Code::WrongInput, "input")?;
    if let Some(declared) = info.and_then(|info| info.shape()) {
        let takes = |(dimension, &size): (&Dimension, &usize)| match dimension {
            Dimension::Fixed(fixed) => *fixed == size,
            Dimension::Symbolic(_) => true,
        };
        if declared.len() != shape.len() || !declared.iter().zip(shape).all(takes) {
            let declared = written(&declared);
            return Err(Refusal::new(
                Code::WrongShape,
                format!("its input has the shape {declared}, the manifest gives {shape:?}"),
            ));
        }
    }
    Ok(id)
}

/// The output that the manifest names, or the only one.
fn output(model: &Model, manifest: &Manifest) -> Result<NodeId, Refusal> {
    let ids = model.output_ids();
    let wrong = |detail: String| Refusal::new(Code::WrongOutput, detail);
    let id = match &manifest.output.name {
        Some(name) => model
            .find_node(name)
            .filter(|id| ids.contains(id))
            .ok_or_else(|| wrong(format!("it has no output {name}")))?,
        None => match ids {
            &[id] => id,
            _ => {
                return Err(wrong(format!(
                    "it has {} outputs: output.name must say which",
                    ids.len()
                )));
            }
        },
    };
    let info = model.node_info(id);
    check_type(info.as_ref(), Code::WrongOutput, "output")?;
    let n_values = manifest.output.n_values();
    if let Some(declared) = info.and_then(|info| info.shape())
        && let Some(Dimension::Fixed(n)) = declared.last()
        && *n != n_values
    {
        let declared = written(&declared);
        return Err(Refusal::new(
            Code::WrongShape,
            format!("its output has the shape {declared}, the manifest gives {n_values} values"),
        ));
    }
    Ok(id)
}

fn check_type(info: Option<&rten::NodeInfo<'_>>, code: Code, what: &str) -> Result<(), Refusal> {
    match info.and_then(rten::NodeInfo::dtype) {
        Some(ValueType::Tensor(DataType::Float)) | None => Ok(()),
        Some(other) => {
            Err(Refusal::new(code, format!("its {what} is {other:?}, must be 32-bit floats")))
        }
    }
}

fn written(shape: &[Dimension]) -> String {
    let sizes: Vec<String> = shape
        .iter()
        .map(|dimension| match dimension {
            Dimension::Fixed(size) => size.to_string(),
            Dimension::Symbolic(name) => name.clone(),
        })
        .collect();
    format!("[{}]", sizes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(name: &str) -> Vec<u8> {
        std::fs::read(fixtures::path(&format!("models/{name}"))).unwrap()
    }

    // Values of the reference evaluator of ONNX, with the tolerance that stands there.
    #[test]
    fn says_what_the_reference_evaluator_says() {
        let golden = fixtures::golden("models");
        let tone: Vec<f32> = (0..4000)
            .map(|i| (0.3 * (std::f64::consts::TAU * 440.0 * f64::from(i) / 8000.0).sin()) as f32)
            .collect();
        let bands: Vec<f32> = (0..128).map(|i| i as f32 / 10.0 - 5.0).collect();
        for (name, window) in [("embedding", &tone), ("classes", &tone), ("regression", &bands)] {
            let manifest = Manifest::from_toml(&bytes(&format!("good/{name}.toml"))).unwrap();
            let network = Network::load(bytes(&format!("good/{name}.onnx")), &manifest).unwrap();
            let said = network.run(window).unwrap();
            let wanted = golden["values"][name].as_array().unwrap();
            assert_eq!(said.len(), wanted.len());
            for (value, wanted) in said.iter().zip(wanted) {
                let error = (f64::from(*value) - wanted.as_f64().unwrap()).abs();
                assert!(error < 1e-5, "{name}: {value} against {wanted}");
            }
        }
    }

    #[test]
    fn rows_are_taken_as_their_mean() {
        assert_eq!(mean_of_rows(&[1.0, 2.0, 3.0, 6.0], 2), [2.0, 4.0]);
        assert_eq!(mean_of_rows(&[1.0, 2.0], 2), [1.0, 2.0]);
    }

    #[test]
    fn a_panic_of_the_runtime_is_an_error() {
        let error = guarded(|| panic!("no {}", "room")).unwrap_err();
        assert_eq!(error, "the runtime panicked: no room");
    }
}
