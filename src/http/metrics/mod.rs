//! Prometheus metrics: those of requests, and those collected from the layers below.

mod database;
#[cfg(target_os = "linux")]
mod process;
mod requests;
mod scrape;
mod text_format;

pub use self::{
    requests::RequestMetrics,
    scrape::{Metrics, scrape_app},
};
