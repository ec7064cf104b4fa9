//! Reads what callgrind has written, <https://valgrind.org/docs/manual/cl-format.html>.

use std::collections::HashMap;

/// What is left out, by parts of the names of functions: SHA-256, which processors have in hardware and valgrind does not, and
/// `memset`, which is one instruction or thousands depending on the processor.
pub(crate) const LEFT_OUT: [&str; 2] = ["sha256", "memset"];

/// The prefix of the allocator's functions, which also call each other.
const ALLOCATOR: &str = "mi_";

/// What one run of a program has done.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Counted {
    instructions: f64,
    left_out: HashMap<&'static str, f64>,
    pub(crate) allocations: f64,
    /// How often the time was read.
    pub(crate) clock_reads: f64,
}

impl Counted {
    /// `fn=(id) name` starts a function, and `fn=(id)` one that was named before; `cfn=` is a function that it calls. Lines
    /// that start with a position are costs of its own, except for the line after `calls=`, which is the cost of the call.
    pub(crate) fn parse(output: &str) -> Self {
        let (mut names, mut counted) = (HashMap::new(), Self::default());
        let (mut function, mut called) = ("", "");
        let mut lines = output.lines();
        while let Some(line) = lines.next() {
            if let Some(reference) = line.strip_prefix("fn=") {
                function = name(&mut names, reference);
            } else if let Some(reference) = line.strip_prefix("cfn=") {
                called = name(&mut names, reference);
            } else if let Some(calls) = line.strip_prefix("calls=") {
                counted.add_calls(function, called, number(calls.split(' ').next()));
                lines.next();
            } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
                counted.add_cost(function, number(line.split(' ').nth(1)));
            }
        }
        counted
    }

    fn add_cost(&mut self, function: &str, cost: f64) {
        self.instructions += cost;
        let function = function.to_lowercase();
        if let Some(part) = LEFT_OUT.into_iter().find(|part| function.contains(part)) {
            *self.left_out.entry(part).or_default() += cost;
        }
    }

    fn add_calls(&mut self, function: &str, called: &str, calls: f64) {
        let is_allocation = ["alloc", "realloc"].iter().any(|part| called.contains(part)) && !called.contains("free");
        if called.starts_with(ALLOCATOR) && is_allocation && !function.contains(ALLOCATOR) {
            self.allocations += calls;
        }
        if called.starts_with("clock_gettime") && !function.starts_with("clock_gettime") {
            self.clock_reads += calls;
        }
    }

    /// Without what is left out.
    ///
    /// # Errors
    /// The name of a function that was not called although every request calls it: it has another name now, and would be
    /// counted.
    pub(crate) fn net(&self) -> Result<f64, &'static str> {
        match LEFT_OUT.into_iter().find(|part| !self.left_out.contains_key(part)) {
            Some(missing) => Err(missing),
            None => Ok(self.net_if_any()),
        }
    }

    /// The net instructions of a program that may sign nothing.
    pub(crate) fn net_if_any(&self) -> f64 {
        self.instructions - self.left_out.values().sum::<f64>()
    }
}

/// The name that a reference stands for.
fn name<'o>(names: &mut HashMap<&'o str, &'o str>, reference: &'o str) -> &'o str {
    match reference.split_once(' ') {
        Some((id, name)) => {
            names.insert(id, name);
            name
        }
        None => names.get(reference).copied().unwrap_or_default(),
    }
}

fn number(text: Option<&str>) -> f64 {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}
