//! What Linux knows about this process, by the names that Prometheus's own clients use.
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

/// What is measured when Prometheus asks.
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
    /// In a registry without a prefix: that of other metrics is the program's.
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("process_cpu_seconds", "Processor time that was used", self.cpu_seconds.clone());
        let start = "When the process started, in seconds since 1970-01-01";
        registry.register("process_start_time_seconds", start, self.start_time_seconds.clone());
        let mut gauge = |name, help, gauge: &Gauge| registry.register(name, help, gauge.clone());
        gauge("process_resident_memory_bytes", "Memory that is in use", &self.resident_memory);
        gauge("process_virtual_memory_bytes", "Memory that is mapped", &self.virtual_memory);
        gauge("process_open_fds", "Files and connections that are open", &self.open_fds);
        gauge("process_max_fds", "Files and connections that may be open", &self.max_fds);
    }

    /// Measures anew, apart from the threads that serve: ten thousand connections are as many files to count.
    pub(super) async fn sample(&self) {
        let metrics = self.clone();
        match spawn_blocking(move || metrics.measure()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the process cannot be measured"),
            Err(error) => tracing::warn!(%error, "the process cannot be measured"),
        }
    }

    fn measure(&self) -> Result<(), ProcError> {
        let process = Process::myself()?;
        let stat = process.stat()?;
        let cpu = since(stat.utime.saturating_add(stat.stime));
        // It has no method to set it, as a counter only counts; this one is counted by the system.
        self.cpu_seconds.inner().store(cpu.as_secs_f64().to_bits(), Ordering::Relaxed);
        let start = Duration::from_secs(procfs::boot_time_secs()?) + since(stat.starttime);
        self.start_time_seconds.set(start.as_secs_f64());
        self.resident_memory.set(whole(stat.rss.saturating_mul(procfs::page_size())));
        self.virtual_memory.set(whole(stat.vsize));
        self.open_fds.set(i64::try_from(process.fd_count()?).unwrap_or(i64::MAX));
        self.max_fds.set(whole(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)));
        Ok(())
    }
}

/// So many ticks of the kernel's clock.
fn since(ticks: u64) -> Duration {
    Duration::from_millis(ticks.saturating_mul(1000) / procfs::ticks_per_second().max(1))
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
