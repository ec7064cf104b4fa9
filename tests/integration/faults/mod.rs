//! Faults of what the server stands on: the disk, the database, the clock. What it cannot do it says, what it has answered
//! it keeps, and it goes on by itself when the fault is over.

mod clock;
mod full_disk;
mod lost_file;
mod read_only;
