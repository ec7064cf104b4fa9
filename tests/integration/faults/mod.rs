//! Faults of the disk, the database and the clock. The server reports what it cannot do, loses nothing that it has
//! confirmed, and recovers by itself.

mod clock;
mod full_disk;
mod lost_file;
mod read_only;
