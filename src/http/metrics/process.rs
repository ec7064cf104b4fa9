//! Process metrics on Linux, with the standard names of Prometheus's client libraries.
//! <https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use actix_web::rt::task::spawn_blocking;
use procfs::{ProcError, process::Process};
use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};
use rustix::process::{Resource, getrlimit};

/// Metrics of the process, measured on each scrape.
#[derive(Clone, Debug, Default)]
pub(super) struct ProcessMetrics {
    cpu_seconds: Counter<f64, AtomicU64>,
    start_time_seconds: Gauge<f64, AtomicU64>,
    resident_memory: Gauge,
    virtual_memory: Gauge,
    open_fds: Gauge,
    max_fds: Gauge,
}

impl ProcessMetrics {
    /// Registers the metrics. The registry must have no prefix, unlike that of the program's own metrics.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("process_cpu_seconds", "CPU time used", self.cpu_seconds.clone());
        let start = "Start time of the process in seconds since 1970-01-01";
        registry.register("process_start_time_seconds", start, self.start_time_seconds.clone());
        let mut gauge = |name, help, gauge: &Gauge| registry.register(name, help, gauge.clone());
        gauge("process_resident_memory_bytes", "Resident memory size", &self.resident_memory);
        gauge("process_virtual_memory_bytes", "Virtual memory size", &self.virtual_memory);
        gauge("process_open_fds", "Open file descriptors", &self.open_fds);
        gauge("process_max_fds", "Maximum number of open file descriptors", &self.max_fds);
    }

    /// Measures on a blocking thread, because with ten thousand connections there are as many file descriptors to
    /// count.
    pub(super) async fn sample(&self) {
        let metrics = self.clone();
        match spawn_blocking(move || metrics.measure()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "cannot measure the process"),
            Err(error) => tracing::warn!(%error, "cannot measure the process"),
        }
    }

    fn measure(&self) -> Result<(), ProcError> {
        let process = Process::myself()?;
        let stat = process.stat()?;
        let cpu = from_ticks(stat.utime.saturating_add(stat.stime));
        // Stored directly, because a counter has no method to set it and the kernel does the counting.
        self.cpu_seconds.inner().store(cpu.as_secs_f64().to_bits(), Ordering::Relaxed);
        let start = Duration::from_secs(procfs::boot_time_secs()?) + from_ticks(stat.starttime);
        self.start_time_seconds.set(start.as_secs_f64());
        self.resident_memory.set(to_i64(stat.rss.saturating_mul(procfs::page_size())));
        self.virtual_memory.set(to_i64(stat.vsize));
        self.open_fds.set(i64::try_from(process.fd_count()?).unwrap_or(i64::MAX));
        self.max_fds.set(to_i64(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)));
        Ok(())
    }
}

/// Converts ticks of the kernel's clock.
fn from_ticks(ticks: u64) -> Duration {
    Duration::from_millis(ticks.saturating_mul(1000) / procfs::ticks_per_second().max(1))
}

fn to_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
