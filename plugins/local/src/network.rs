//! One network: named values in, named values out, whole or in steps between which the run may end.
//! Steps are the values named `cut.NN` by the converters; `held.NN` are values that later steps need
//! besides. This is the only place that knows the runtime, `rten`.

use std::fmt;

use easel_backend::{Error, Result};
use rten::{Model, ModelOptions, NodeId, Value, ValueOrView};
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

use crate::watch::Part;

/// A loaded network.
pub(crate) struct Network {
    name: &'static str,
    model: Model,
    cuts: Vec<NodeId>,
    held: Vec<NodeId>,
}

impl Network {
    pub(crate) fn load(name: &'static str, bytes: Vec<u8>) -> Result<Self> {
        let model = ModelOptions::with_all_ops().load(bytes).map_err(|error| {
            Error::failed(format!("the network `{name}` does not load: {error}"))
        })?;
        let numbered = |kind: &str| {
            (0..).map_while(|index| model.find_node(&format!("{kind}.{index:02}"))).collect()
        };
        let (cuts, held) = (numbered("cut"), numbered("held"));
        Ok(Network { name, model, cuts, held })
    }

    /// The names `kind.00`, `kind.01`, … as far as the network has them.
    pub(crate) fn names(&self, kind: &str) -> Vec<String> {
        let named = |index: u32| {
            let name = format!("{kind}.{index:02}");
            self.model.find_node(&name).map(|_| name)
        };
        (0..).map_while(named).collect()
    }

    /// Runs it at once.
    pub(crate) fn run(&self, inputs: &[(&str, &Tensor)], outputs: &[&str]) -> Result<Vec<Tensor>> {
        let inputs = self.inputs(inputs)?;
        let outputs = outputs.iter().map(|name| self.node(name)).collect::<Result<Vec<_>>>()?;
        self.call(inputs, &outputs)?.into_iter().map(|value| self.tensor(value)).collect()
    }

    /// Runs it in its steps, and tells `part` about each.
    pub(crate) fn run_in_steps(
        &self,
        inputs: &[(&str, &Tensor)],
        output: &str,
        part: Part<'_>,
    ) -> Result<Tensor> {
        let output = self.node(output)?;
        let given = self.inputs(inputs)?;
        let mut held: Vec<Value> = Vec::new();
        let mut last: Option<(NodeId, Value)> = None;
        for (index, &cut) in self.cuts.iter().chain(std::iter::once(&output)).enumerate() {
            part.at(index as f64 / (self.cuts.len() + 1) as f64)?;
            let mut inputs: Vec<(NodeId, ValueOrView<'_>)> =
                given.iter().map(|(node, value)| (*node, value.as_view().into())).collect();
            inputs.extend(self.held.iter().copied().zip(held.iter().map(ValueOrView::from)));
            inputs.extend(last.iter().map(|(node, value)| (*node, ValueOrView::from(value))));
            // The held values come out of the first step.
            let wanted: Vec<NodeId> = if index == 0 {
                std::iter::once(cut).chain(self.held.iter().copied()).collect()
            } else {
                vec![cut]
            };
            let mut values = self.call(inputs, &wanted)?.into_iter();
            let value = values.next().ok_or_else(|| self.broken("no value came out"))?;
            held.extend(values);
            last = Some((cut, value));
        }
        part.at(1.0)?;
        let (_, value) = last.ok_or_else(|| self.broken("it has no steps"))?;
        self.tensor(value)
    }

    fn inputs<'a>(&self, inputs: &[(&str, &'a Tensor)]) -> Result<Vec<(NodeId, ValueOrView<'a>)>> {
        inputs.iter().map(|(name, value)| Ok((self.node(name)?, value.view().into()))).collect()
    }

    fn call(
        &self,
        inputs: Vec<(NodeId, ValueOrView<'_>)>,
        outputs: &[NodeId],
    ) -> Result<Vec<Value>> {
        self.model.run(inputs, outputs, None).map_err(|error| self.broken(error))
    }

    fn tensor(&self, value: Value) -> Result<Tensor> {
        Tensor::try_from(value).map_err(|error| self.broken(error))
    }

    fn node(&self, name: &str) -> Result<NodeId> {
        self.model.find_node(name).ok_or_else(|| self.broken(format!("it has no value `{name}`")))
    }

    fn broken(&self, reason: impl fmt::Display) -> Error {
        Error::failed(format!("the network `{}` failed: {reason}", self.name))
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Network").field("name", &self.name).finish_non_exhaustive()
    }
}
